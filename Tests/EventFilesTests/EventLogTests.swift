import Diagnostics
import EventFiles
import Foundation
import TestSupport
import Testing

@Suite struct EventLogTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let references = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
      "References/events")

  private static func reference(_ name: String) throws -> Data {
    try Data(contentsOf: references.appendingPathComponent(name))
  }

  private static let files = [
    "events.out.tfevents", "train/events.out.tfevents", "validation/events.out.tfevents",
  ]

  /// The numbers of `make_events.py`.
  private static let numbers: [Float] =
    (0..<3000).map { k in
      Float(k * 7919 % 1000 - 500) * Float(sign: .plus, exponent: k % 150 - 75, significand: 1)
    }
    + [.nan, .infinity, -.infinity, 0, -0.0]

  /// The calls that `make_events.py` stands for.
  private func write(to folder: String) throws {
    let log = try EventLog(folder, after: 0)
    try log.begin(
      [
        ("optimizer.name", .word("adam")), ("learning_rate", .number(0.001)),
        ("nesterov", .flag(false)), ("amsgrad", .flag(true)), ("é<&>\"'", .word("ü")),
        ("seed", .number(0)),
      ], configuration: "name: a\n\n    layers: # [1]\n", time: 1000.25)
    try log.scalars([("loss", 0.3), ("accuracy", 1.0 / 3)], .training, step: 3, time: 1001.5)
    try log.scalars(
      [("learning_rate", 0.001), ("samples_per_second", 1234.5)], .run, step: 3, time: 1001.5)
    try log.scalars([("loss", 1e-30), ("accuracy", 0)], .validation, step: 3, time: 1001.75)
    try log.histogram("weights/dense1", Self.numbers.span, step: 3, time: 1001.5)
    try log.histogram("zeros", [Float](repeating: 0, count: 7).span, step: 3, time: 1001.5)
    try log.histogram("nothing", [Float.nan, .infinity].span, step: 3, time: 1001.5)
    try log.histogram("empty", [Float]().span, step: 3, time: 1001.5)
    try log.picture(
      "samples", png: Array(Self.reference("gray.png")), step: 4, time: 1002.5)
    try log.picture(
      "samples", png: Array(Self.reference("colour.png")), step: 5, time: 1002.5)
    try log.scalars([("loss", .nan), ("accuracy", -0.0)], .training, step: 6, time: 1003)
    try log.scalars([], .training, step: 7, time: 1003)
    try log.text("sample", "“<b>” **x**\n\t2", step: 1 << 40, time: 1e9)
    try log.end(.failed, step: 1 << 40, time: 1e9)
  }

  @Test func bytesAreThoseOfTensorBoardsOwnWriter() throws {
    try write(to: folder.path)
    for file in Self.files {
      let (written, expected) = (try folder.data(of: file), try Self.reference(file))
      let first = zip(written, expected).enumerated().first { $1.0 != $1.1 }?.offset
      let place = first.map { "byte \($0)" } ?? "the end"
      #expect(written == expected, "\(file) differs at \(place)")
    }
  }

  @Test func randomScalarsAreReadBack() throws {
    var random = XorShift(seed: 9)
    let log = try EventLog(folder.path, after: 0)
    var expected: [(tag: String, step: Int, value: Float)] = []
    var step = 0
    for _ in 0..<300 {
      step += random.integer(in: 0...1 << 33)
      let values = (0..<random.integer(in: 1...4)).map { place in
        let bits = UInt64.random(in: 0...UInt64.max, using: &random)
        return (name: "tag \(place) \(bits % 7)é", value: Double(bitPattern: bits))
      }
      try log.scalars(values, .training, step: step, time: Double(step))
      expected += values.map { ($0.name, step, Float($0.value)) }
    }
    let events = EventReader(try folder.data(of: "train/events.out.tfevents"))
    #expect(events.rest == 0)
    #expect(events.events.first?.version == "brain.Event:2")
    let found = events.events.flatMap { event in
      event.values.map { (tag: $0.tag, step: event.step, value: $0.number ?? 0) }
    }
    #expect(found.count == expected.count)
    for (one, other) in zip(found, expected) {
      #expect(one.tag == other.tag && one.step == other.step)
      #expect(one.value == other.value || one.value.isNaN && other.value.isNaN)
    }
    #expect(folder.names(in: ".") == ["train"])
  }

  /// Steps from one to another, as a run writes them.
  private func steps(_ steps: ClosedRange<Int>, on log: EventLog) throws {
    for step in steps {
      try log.scalars([("loss", 1 / Double(step))], .training, step: step, time: 1)
      try log.scalars([("loss", 2 / Double(step))], .validation, step: step, time: 1)
      try log.histogram("weights", [Float(step), 1].span, step: step, time: 1)
    }
  }

  private func start(after step: Int) throws -> EventLog {
    let log = try EventLog(folder.path, after: step)
    try log.begin([("start", .number(Double(step)))], configuration: "x: 1", time: 0.5)
    return log
  }

  @Test func aRunThatGoesOnHasNoPointTwice() throws {
    let log = try start(after: 0)
    try steps(1...9, on: log)
    try log.end(.failed, step: 9, time: 2)
    let next = try start(after: 6)
    try steps(7...12, on: next)
    try next.end(.finished, step: 12, time: 3)
    for (file, size) in [("train", 1.0), ("validation", 2.0)] {
      let events = EventReader(try folder.data(of: "\(file)/events.out.tfevents"))
      #expect(events.points("loss").map(\.step) == Array(1...12))
      #expect(events.points("loss").map(\.value) == (1...12).map { Float(size / Double($0)) })
    }
    let events = EventReader(try folder.data(of: "events.out.tfevents")).events
    #expect(events.filter { $0.values.map(\.tag) == ["weights"] }.map(\.step) == Array(1...12))
    #expect(events.filter { $0.version != nil }.count == 1)
    // The viewer takes the first of a session's tags, so the old ones must be gone.
    for tag in ["_hparams_/session_start_info", "_hparams_/session_end_info", "configuration"] {
      #expect(events.flatMap(\.values).filter { $0.tag == tag }.count == 1, "\(tag)")
    }
    #expect(folder.names(in: ".") == ["events.out.tfevents", "train", "validation"])
  }

  @Test func whatIsDamagedAtTheEndIsCut() throws {
    try steps(1...4, on: start(after: 0))
    let whole = try folder.data(of: "train/events.out.tfevents")
    let ends = EventReader.ends(of: whole)
    #expect(ends.count == 5)
    var random = XorShift(seed: 4)
    let url = URL(fileURLWithPath: folder.path(of: "train/events.out.tfevents"))
    func stays(_ damaged: Data, _ kept: Int, _ comment: Comment) throws {
      try damaged.write(to: url)
      let log = try EventLog(folder.path, after: 100)
      try log.scalars([("loss", 5)], .training, step: 101, time: 1)
      let events = EventReader(try Data(contentsOf: url))
      #expect(events.rest == 0, comment)
      #expect(events.events.first?.version == "brain.Event:2", comment)
      #expect(events.points("loss").map(\.step) == Array(1...4).prefix(kept) + [101], comment)
    }
    for length in 0...whole.count {
      let kept = max(0, ends.filter { $0 <= length }.count - 1)
      try stays(whole.prefix(length), kept, "cut to \(length)")
    }
    for _ in 0..<200 {
      var damaged = whole
      let place = random.integer(in: 0...whole.count - 1)
      damaged[place] ^= UInt8(1 << random.integer(in: 0...7))
      let kept = max(0, ends.filter { $0 <= place }.count - 1)
      try stays(damaged, kept, "a bit of byte \(place)")
    }
    try stays(whole + Data([1, 2, 3]), 4, "more bytes")
    try stays(Data("something else".utf8), 0, "another file")
  }

  @Test func aFailureIsThrownOnceAndNothingIsWrittenAfterIt() throws {
    try folder.write("a file", to: "train")
    let log = try EventLog(folder.path, after: 0)
    try log.scalars([("loss", 1)], .run, step: 1, time: 1)
    let size = try folder.data(of: "events.out.tfevents").count
    let failure = #expect(throws: Failure.self) {
      try log.scalars([("loss", 1)], .training, step: 1, time: 1)
    }
    #expect(failure?.message.contains("train") == true && failure?.code == .cannotCreate)
    try log.scalars([("loss", 1)], .training, step: 2, time: 1)
    try log.scalars([("loss", 1)], .run, step: 2, time: 1)
    try log.text("text", "x", step: 2, time: 1)
    #expect(try folder.data(of: "events.out.tfevents").count == size)
  }

  @Test func picturesMustBeOfPNG() throws {
    let log = try EventLog(folder.path, after: 0)
    for bytes in [[], Array("no picture, but longer than a header".utf8)] {
      #expect(throws: Failure.self) {
        try log.picture("samples", png: bytes, step: 1, time: 1)
      }
    }
    try log.scalars([("loss", 1)], .run, step: 1, time: 1)
    #expect(folder.exists("events.out.tfevents"))
  }
}

extension EventReader {
  /// Where the records of a file end.
  static func ends(of data: Data) -> [Int] {
    (1...data.count).filter { length in
      let events = EventReader(data.prefix(length))
      return events.rest == 0 && !events.events.isEmpty
    }
  }
}
