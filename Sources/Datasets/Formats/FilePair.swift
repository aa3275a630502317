internal import Configuration
internal import Diagnostics

/// A file or array of samples, and the one with their classes or real numbers, if they have
/// answers.
struct FilePair {
  let samples: String
  /// Nil where there is nothing to be answered.
  let answers: String?
  /// Whether the answers are classes.
  let isLabelled: Bool
  /// The number that marks an ignored class, besides -1.
  let ignored: Int?
  /// Further arrays, by the names of their fields.
  let fields: [(name: String, place: String)]

  var files: [String] { [samples] + (answers.map { [$0] } ?? []) }

  /// How messages call the answers.
  var noun: String { isLabelled ? "labels" : "targets" }

  static func record(_ name: String, hasFields: Bool = false) -> Record {
    Record(
      name,
      keys: [
        Key("samples", .text, help: "the samples"),
        Key(
          "labels", .text, default: .absent,
          help: "the class of each sample, or of each of its steps or pixels, counted from 0; -1 is"
            + " ignored"),
        Key(
          "targets", .text, default: .absent,
          help: "the real numbers to predict, where no labels are given; NaN is ignored"),
        Key(
          "ignore", .integer(in: 0...Int(Int32.max)), default: .absent,
          help: "a number in labels that is no class and counts nowhere, such as 255"),
      ] + (hasFields ? [fieldsKey] : []),
      help: "Samples with what is to be learnt about them.")
  }

  private static let fieldsKey = Key(
    "fields",
    .list(
      of: .record(
        Record(
          "field",
          keys: [
            Key("name", .text, help: "what the network calls it"),
            Key("array", .text, help: "the array in the file"),
          ], help: "A further array with a part for each sample.")), count: 1...16),
    default: .absent, help: "further arrays, each with a part for every sample")

  init(samples: String, labels: String) {
    self.init(samples: samples, answers: labels, isLabelled: true)
  }

  init(samples: String, answers: String?, isLabelled: Bool) {
    self.init(samples, answers, isLabelled: isLabelled, ignored: nil, fields: [])
  }

  private init(
    _ samples: String, _ answers: String?, isLabelled: Bool, ignored: Int?,
    fields: [(name: String, place: String)]
  ) {
    self.samples = samples
    self.answers = answers
    self.isLabelled = isLabelled
    self.ignored = ignored
    self.fields = fields
  }

  /// Names as they stand.
  init(_ settings: Settings) throws(Failure) {
    let (labels, targets) = (settings.optionalText("labels"), settings.optionalText("targets"))
    guard labels == nil || targets == nil else {
      throw settings.failure(
        at: "labels",
        "expected either labels (classes) or targets (real numbers), found both")
    }
    let ignored = settings.optionalInteger("ignore")
    guard ignored == nil || labels != nil else {
      throw settings.failure(
        at: "ignore", "is a number in labels, and there are none: leave it out")
    }
    self.init(
      settings.text("samples"), labels ?? targets, isLabelled: labels != nil, ignored: ignored,
      fields: [])
  }

  /// Names of arrays in a file.
  init(arrays settings: Settings) throws(Failure) {
    let pair = try FilePair(settings)
    var fields: [(name: String, place: String)] = []
    for section in settings.optionalValue("fields")?.list.map(\.section) ?? [] {
      let name = section.text("name")
      guard Field.isName(name), !fields.contains(where: { $0.name == name }) else {
        throw section.failure(
          at: "name",
          "'\(name)' cannot be the name of a field: expected letters, digits and _, at most 64, and "
            + "none of \(Field.takenNames.joined(separator: ", ")) or of another field")
      }
      fields.append((name, section.text("array")))
    }
    self.init(
      pair.samples, pair.answers, isLabelled: pair.isLabelled, ignored: pair.ignored,
      fields: fields)
  }

  /// Names of files in a folder.
  init(_ settings: Settings, _ folder: String) throws(Failure) {
    let pair = try FilePair(settings)
    let answers = try pair.answers.map { name throws(Failure) in try locate(name, in: folder) }
    self.init(
      try locate(pair.samples, in: folder), answers, isLabelled: pair.isLabelled,
      ignored: pair.ignored, fields: [])
  }

  /// The class that a number in a file stands for: -1 if it is ignored, the nearest that 32 bits
  /// hold if it can be none.
  func label(_ number: Int64) -> Int32 {
    number == ignored.map(Int64.init) ? -1 : Int32(clamping: number)
  }

  /// The shape of one sample's targets, of which `inner` is that in the file; nil if there is none.
  func answerShape(_ inner: [Int], channelsFirst: Bool = false) -> [Int]? {
    guard inner.count <= 3 else { return nil }
    guard isLabelled else { return inner.isEmpty ? [1] : inner }
    if inner.reduce(1, *) == 1 { return [] }
    // A class has no channels, though there may be an axis for them.
    if inner.count == 3, channelsFirst, inner[0] == 1 { return Array(inner[1...]) }
    return inner.count == 3 && !channelsFirst && inner[2] == 1 ? Array(inner[..<2]) : inner
  }
}

/// Where the channels of images are in an array.
enum ChannelPlace: String, CaseIterable, Sendable {
  case last, first
  /// Samples are no images.
  case none

  /// The shape of a sample, channels last: pictures without channels get one, and a single number
  /// is a row of one, unless samples are taken as they are.
  func sampleShape(_ inner: [Int]) -> [Int] {
    switch (inner.count, self) {
    case (_, .none): inner
    case (0, _): [1]
    case (2, _): inner + [1]
    case (3, .first): [inner[1], inner[2], inner[0]]
    default: inner
    }
  }
}
