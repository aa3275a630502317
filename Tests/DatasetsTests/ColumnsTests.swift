import Configuration
import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// What the columns of a table become.
@Suite struct ColumnsTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private func load(_ text: String, _ settings: String) throws -> Dataset {
    try files.put(text, at: "data/t.csv")
    return try files.load("dataset: {csv: {training: t.csv, \(settings)}}").training
  }

  private static let keys =
    "ignore: [id], targets: [price], categorical: [city], "
    + "embedded: [shop], dates: [at]"

  /// scikit-learn's imputers, encoders and vectorizers on tables with gaps: Tests/References says
  /// how they were made.
  @Test(arguments: 0..<4)
  func goldens(_ number: Int) throws {
    let golden = try Golden.all[number]
    for name in ["training", "test"] {
      try files.put(Golden.file("\(name).csv"), at: "data/\(name).csv")
    }
    let table = "dataset: {csv: {training: training.csv, test: test.csv, \(Self.keys), "
    let splits = try files.load("\(table)\(golden.settings)}}")
    let coding = splits.training.coding
    #expect(splits.training.columnNames["samples"] == golden.names)
    #expect(coding.fields.map(\.entries) == [golden.shops + 1])
    try golden.check(coding)
    for (set, data) in [splits.training, splits.test].enumerated() {
      #expect(try data.rows("shop").map { $0[0] } == golden.shop[set])
      try golden.check(data.numbers, of: set)
    }
    #expect(try SampleCoding(text: coding.text, source: "x") == coding, "\(coding.text)")
    // The columns of a file to be predicted are coded alike.
    guard !golden.settings.contains("drop") else { return }
    let samples = try coding.open(files.path("data/test.csv"))
    var numbers = [Float](repeating: -1, count: golden.samples[1].count * golden.names.count)
    // In blocks, of which the last is not full.
    var (count, shops): (Int, [Int32]) = (0, [])
    let size = 4 * golden.names.count
    for _ in 0..<3 {
      let read = try unsafe numbers.withUnsafeMutableBytes { bytes in
        unsafe try samples.read(
          min(10, golden.samples[1].count - count),
          into: UnsafeMutableRawBufferPointer(rebasing: bytes[(size * count)...]))
      }
      var part = [Int32](repeating: -1, count: read)
      try unsafe part.withUnsafeMutableBytes {
        unsafe try samples.read(count..<count + read, ofField: 0, into: $0)
      }
      shops += part
      count += read
    }
    try golden.check(numbers, of: 1)
    #expect(shops.map(Int.init) == golden.shop[1])
  }

  @Test func completionsOfSmallColumns() throws {
    let text = "x,c,y\n4,b,1\n,a,2\n1,NA,3\n-2,b,4\n4,a,5\n"
    let settings = "targets: [y], categorical: [c], standardise: false, "
    func numbers(_ missing: String) throws -> [Float] {
      try load(text, settings + "missing: \(missing)").numbers
    }
    let words: [Float] = [0, 1, 1, 0, 1, 0, 0, 1, 1, 0]
    func rows(_ number: Float, _ words: [Float]) -> [Float] {
      zip([4, number, 1, -2, 4], stride(from: 0, to: 10, by: 2)).flatMap { x, word in
        [x, words[word], words[word + 1]]
      }
    }
    #expect(try numbers("{all: mean, c: most_frequent}") == rows(1.75, words))
    #expect(try numbers("{x: median, c: most_frequent}") == rows(2.5, words))
    #expect(try numbers("most_frequent") == rows(4, words))
    #expect(try numbers("{x: mean, c: drop}") == [4, 0, 1, 2, 1, 0, -2, 0, 1, 4, 1, 0])
    let dropped = try load(text, settings + "missing: drop")
    #expect(dropped.values == [1, 4, 5])
  }

  /// Against sorting, of columns of any size, with negative and equal numbers.
  @Test(arguments: [1, 2, 3, 4096, 5000, 12_001])
  func mediansOfLargeColumns(_ count: Int) throws {
    var random = XorShift(seed: UInt64(count))
    let columns: [[Double]] = [
      (0..<count).map { _ in Double.random(in: -1e3...1e3, using: &random) },
      (0..<count).map { _ in Double(random.integer(in: -3...3)) / 4 },
      (0..<count).map { _ in random.integer(in: 0...1) == 0 ? -0.0 : 1e-300 },
      Array(repeating: -2.5, count: count),
    ]
    let rows = (0..<count).map { row in
      columns.map { "\($0[row])" }.joined(separator: ",") + ",\(row)"
    }
    try files.put("a,b,c,d,y\n" + rows.joined(separator: "\n"), at: "data/t.csv")
    for policy in ["median", "most_frequent"] {
      let data = try files.load(
        "dataset: {csv: {training: t.csv, targets: [y], missing: \(policy)}}")
      let coding = try Settings(
        text: data.training.coding.text, source: "x", schema: SampleCoding.record)
      for (column, numbers) in zip(coding.sections("columns"), columns) {
        let sorted = numbers.sorted()
        let expected: Double
        if policy == "median" {
          let (low, high) = (sorted[(count - 1) / 2], sorted[count / 2])
          expected = (low + high) / 2
        } else {
          let counts = Dictionary(numbers.map { ($0, 1) }, uniquingKeysWith: +)
          let most = counts.values.max()
          expected = counts.filter { $0.value == most }.keys.min() ?? .nan
        }
        #expect(column.number("missing") == expected, "\(policy) of \(column.text("name"))")
      }
    }
  }

  /// Values of records that are held out count nowhere, and dropped records are in no set.
  @Test func onlyTrainingSamplesAreMeasured() throws {
    try files.put(
      "x,c,part,y\n1,a,train,1\n,a,train,2\n5,b,val,3\n,b,val,4\n9,a,test,5\n3,,train,6\n"
        + "7,?,test,7\n",
      at: "data/t.csv")
    let splits = try files.load(
      "dataset: {csv: {training: t.csv, targets: [y], categorical: [c], standardise: false, "
        + "missing: {x: mean, c: drop}}}, split: {column: part}")
    #expect(try splits.training.numbers == [1, 1, 1, 1])
    // A word that no training sample has is none of the words.
    #expect(try splits.validation?.numbers == [5, 0, 1, 0])
    #expect(try splits.test.numbers == [9, 1])
    for validation in ["0.4", "0.2, test: 0.2", "none, fold: 2/3"] {
      let random = try files.load(
        "dataset: {csv: {training: t.csv, targets: [y], categorical: [c], ignore: [part], "
          + "missing: drop}}, validation: \(validation)")
      let count =
        random.training.count + (random.validation?.count ?? 0)
        + (random.hasTestSet ? random.test.count : 0)
      #expect(count == 3, "\(validation)")
    }
  }

  @Test func missingTargetsCanBeDropped() throws {
    let text = "x,y\n1,NA\n2,5\n3,6\n"
    files.expectColumns(text, "targets: [y]", "t.csv:2: column 'y' has no value ('NA')")
    #expect(try load(text, "targets: [y], missing: {y: drop}").values == [5, 6])
    let classes = try load("x,y\n1,\n2,a\n3,b\n", "label: y, missing: drop")
    #expect(classes.classes == ["a", "b"] && classes.labels == [0, 1])
    // A file to be evaluated is a test file.
    let coding = try load(text, "targets: [y], missing: {y: drop}").coding
    try files.put("x,y\n1,7\n2,\n", at: "u.csv")
    let input = StoredDataset(LabelledInput(files.path("u.csv")), for: coding, in: files.places)
    #expect(try Dataset(input: input.prepare().cache, for: coding).values == [7])
  }

  @Test func weightsOfSamples() throws {
    try files.put("x,w,y\n1,0.5,3\n2,2,4\n", at: "data/t.csv")
    try files.put("x,y,w\n1,3,0\n", at: "data/u.csv")
    let splits = try files.load(
      "dataset: {csv: {training: t.csv, test: u.csv, targets: [y], weight: w}}")
    #expect(splits.training.weights == [0.5, 2] && splits.test.weights == [0])
    #expect(splits.training.shape == [1] && splits.training.isWeighted)
    let coding = splits.training.coding
    #expect(try SampleCoding(text: coding.text, source: "x") == coding)
    let input = StoredDataset(
      LabelledInput(files.path("data/u.csv")), for: coding, in: files.places)
    #expect(try Dataset(input: input.prepare().cache, for: coding).weights == [0])
    // No weight is needed for predictions.
    try files.put("x\n1\n", at: "v.csv")
    _ = try coding.open(files.path("v.csv"))
  }

  @Test func fieldsOfEmbeddedColumns() throws {
    let data = try load(
      "x,2nd town,größe,y\n1,b,L,0\n2,a,M,1\n3,b,,0\n",
      "label: y, embedded: [2nd town, größe]")
    #expect(data.shape == [1])
    #expect(data.coding.fields.map(\.name) == ["_2nd_town", "gr__e"])
    #expect(data.coding.fields.map(\.entries) == [3, 3])
    #expect(try data.rows("_2nd_town") == [[2], [1], [2]])
    #expect(try data.rows("gr__e") == [[1], [2], [0]])
  }

  @Test func datesWithAndWithoutClocks() throws {
    let days = try load(
      "d,y\n2000-01-01,0\n2000-01-03,1\n", "label: y, dates: [d], standardise: false")
    #expect(
      days.columnNames["samples"]
        == ["d days", "d sin year", "d cos year", "d sin week", "d cos week"])
    // A Saturday and a Monday.
    let numbers = try days.numbers
    #expect(numbers[0] == 0 && numbers[5] == 2)
    #expect(abs(numbers[3] - Float(sin(2 * Double.pi * 5 / 7))) < 1e-6)
    #expect(abs(numbers[8]) < 1e-6 && numbers[9] == 1)
    let clocks = try load(
      "d,y\n2000-01-01T06:00:00Z,0\n2000-01-03,1\n", "label: y, dates: [d], standardise: false")
    #expect(clocks.shape == [7])
    let noon = try clocks.numbers
    #expect(noon[0] == 0.25 && abs(noon[5] - 1) < 1e-6 && abs(noon[6]) < 1e-6)
  }

  @Test(arguments: [
    ("x,y\n,1\n,2\n", "targets: [y], missing: median", "column 'x' has no value in all records"),
    ("x,y\n,1\n1,2\n", "targets: [y]", "or set missing: {x: median}"),
    (
      "c,x,y\n,1,1\na,1,2\n", "targets: [y], categorical: [c], missing: median",
      "t.csv:2: column 'c' has no value: complete or remove the record, or set missing: "
        + "{c: most_frequent}"
    ),
    (
      "x,y\n1,2\n", "targets: [y], missing: {xs: drop}",
      "t.csv:1: there is no column 'xs', which missing names (did you mean 'x'?)"
    ),
    ("x,y\n1,2\n", "targets: [y], indicators: [z]", "no column 'z', which indicators name"),
    (
      "d,y\n2000-01-01,1\n31.12.2000,2\n", "targets: [y], dates: [d]",
      "t.csv:3: column 'd' holds '31.12.2000', expected a time stamp as 2024-03-31"
    ),
    (
      "a b,a-b,x,y\n1,1,1,1\n", "targets: [y], embedded: [a b, a-b]",
      "t.csv:1: the columns 'a b' and 'a-b' would both become a field called 'a_b'"
    ),
    (
      "weights,x,y\n1,1,1\n", "targets: [y], embedded: [weights]",
      "t.csv:1: column 'weights' cannot be embedded as a field called 'weights'"
    ),
    ("c,y\n1,1\n", "targets: [y], embedded: [c]", "keep one out of embedded"),
    (
      "t,y\na . b,1\n!,2\n", "targets: [y], words: [t]",
      "column 't' has no word of two letters or more"
    ),
    ("x,w,y\n1,-1,2\n", "targets: [y], weight: w", "holds -1, expected a weight of at least 0"),
    ("x,y\n,2\n", "targets: [y], missing: drop", "holds no samples: each record lacks a value"),
    ("x,c,y\n1,,2\n", "targets: [y], embedded: [c], missing: {c: error}", "'c' has no value"),
    ("x,t,y\n1,,2\n", "targets: [y], words: [t], missing: {t: error}", "'t' has no value"),
  ])
  func mistakesAreNamed(_ text: String, _ settings: String, _ message: String) throws {
    files.expectColumns(text, settings, message)
  }

  @Test(arguments: [
    (
      "targets: [y], categorical: [c], missing: {c: median}", "csv.missing",
      "column 'c' holds words: expected most_frequent or drop or error, found median"
    ),
    (
      "targets: [y], embedded: [c], missing: {c: mean}", "csv.missing", "column 'c' holds words"
    ),
    (
      "targets: [y], words: [c], missing: {c: most_frequent}", "csv.missing",
      "column 'c' holds texts: expected drop or error"
    ),
    ("targets: [y], missing: {y: mean}", "csv.missing", "holds what is to be predicted"),
    ("targets: [y], ignore: [c], missing: {c: mean}", "csv.missing", "nothing that is read"),
    ("targets: [y], missing: {y: maen}", "missing.y", "did you mean 'mean'"),
    ("targets: [y], indicators: [y]", "csv.indicators", "column 'y' is no feature"),
    ("targets: [y], text: c, dates: [x]", "csv.dates", "a sample is the text alone"),
    ("targets: [x], window: {length: 1}, words: [c]", "csv.words", "windows of a series"),
    ("targets: [x], window: {length: 1}, missing: mean", "csv.missing", "windows of a series"),
    ("targets: [x], window: {length: 1}, weight: c", "csv.weight", "windows of a series"),
  ])
  func settingsAreChecked(_ settings: String, _ key: String, _ message: String) throws {
    try files.put("x,c,y\n1,a,2\n", at: "data/t.csv")
    files.expect(
      "dataset: {csv: {training: t.csv, \(settings)}}", fails: .badConfiguration, key, message)
  }

  /// What training completed is completed for predictions, and what it refused is refused.
  @Test func predictionsOfIncompleteRows() throws {
    let text = "x,c,z,y\n1,a,5,0\n3,b,7,1\n"
    let coding = try load(
      text, "targets: [y], categorical: [c], missing: {x: mean, z: drop}, indicators: [x]"
    ).coding
    func numbers(_ row: String) throws -> [Float] {
      try files.put("x,c,z\n\(row)\n", at: "new.csv")
      var numbers = [Float](repeating: -1, count: 5)
      let samples = try coding.open(files.path("new.csv"))
      try unsafe numbers.withUnsafeMutableBytes { unsafe _ = try samples.read(1, into: $0) }
      return numbers
    }
    #expect(try numbers(",a,7") == [0, 1, 1, 0, 1])
    for (row, message) in [
      ("1,NA,7", "new.csv:2: column 'c' has no value ('NA')"),
      ("1,a,", "new.csv:2: column 'z' has no value"),
      ("1,q,5", "column 'c' holds 'q', which the training data do not"),
    ] {
      let failure = #expect(throws: Failure.self) { try numbers(row) }
      #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
    }
  }

  @Test(arguments: [
    (", missing: 2", ", missing: \"a\"", "expected a number"),
    (", missing: \"b\"", ", missing: \"c\"", "expected one of the column's words"),
    (", idf: [1, 1]", ", idf: [1]", "expected a number for each of 2 words"),
    ("indicator: true", "indicator: false", "is not that of its columns"),
    ("entries: 3", "entries: 4", "is not that of its columns"),
  ])
  func codingsAreChecked(_ old: String, _ new: String, _ message: String) throws {
    let text = try load(
      "x,c,e,t,y\n1,b,u,red car,0\n3,b,v,car red,1\n2,a,v,,0\n,,,red car,1\n",
      "targets: [y], categorical: [c], embedded: [e], words: [t], indicators: [x], "
        + "missing: {x: mean, c: most_frequent}"
    ).coding.text.replacing(try Regex("idf: \\[[^\\]]*\\]"), with: "idf: [1, 1]")
    try #require(text.contains(old), "\(text)")
    let failure = #expect(throws: Failure.self) {
      _ = try SampleCoding(text: text.replacing(old, with: new), source: "x")
    }
    #expect(failure?.code == .badData)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }
}

/// A case of `Tests/References/columns`.
private struct Golden {
  let settings: String
  let names: [String]
  let completes: Bool
  let samples: [[[Double]]]
  let shop: [[Int]]
  private let learned: [String: [String: Any]]

  static func file(_ name: String) throws -> String {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("References/columns/\(name)")
    return try String(contentsOf: url, encoding: .utf8)
  }

  static var all: [Golden] {
    get throws {
      let json = try JSONSerialization.jsonObject(with: Data(file("columns.json").utf8))
      return try #require(json as? [[String: Any]]).map { try Golden($0) }
    }
  }

  private init(_ json: [String: Any]) throws {
    settings = try #require(json["settings"] as? String)
    names = try #require(json["names"] as? [String])
    completes = try #require(json["missing_counts"] as? Bool)
    samples = try #require(json["samples"] as? [[[Double]]])
    shop = try #require(json["shop"] as? [[Int]])
    learned = try #require(json["learned"] as? [String: [String: Any]])
  }

  /// The number of words of the embedded column.
  var shops: Int { shop[0].max() ?? 0 }

  /// Compares what was learned, in double precision.
  func check(_ coding: SampleCoding) throws {
    let text = try Settings(text: coding.text, source: "x", schema: SampleCoding.record)
    for column in text.sections("columns") {
      guard let expected = learned[column.text("name")] else { continue }
      for (key, value) in expected where completes || key != "missing" {
        switch value {
        case let word as String: #expect(column.text(key) == word)
        case let number as Double: #expect(isClose(column.number(key), number), "\(key)")
        case let numbers as [Double]:
          let found = column.list(key).map(\.number)
          #expect(found.count == numbers.count && zip(found, numbers).allSatisfy(isClose))
        default: Issue.record("\(value)")
        }
      }
    }
  }

  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(1, abs(b)) }

  /// Compares the samples of the training or the test set, in float32.
  func check(_ numbers: [Float], of set: Int) throws {
    let expected = samples[set].flatMap { $0 }
    try #require(numbers.count == expected.count)
    for (place, (found, golden)) in zip(numbers, expected).enumerated()
    where abs(Double(found) - golden) > 1e-7 * max(1, abs(golden)) {
      Issue.record(
        "\(names[place % names.count]) of sample \(place / names.count): \(found), \(golden)")
    }
  }
}

extension DataFolder {
  fileprivate func expectColumns(_ text: String, _ settings: String, _ message: String) {
    try? put(text, at: "data/t.csv")
    expect("dataset: {csv: {training: t.csv, \(settings)}}", fails: .badData, message)
  }
}
