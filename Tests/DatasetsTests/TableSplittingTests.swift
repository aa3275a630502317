import Configuration
import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Tables whose records are divided before anything is learned from them.
@Suite struct TableSplittingTests {
  let files: DataFolder

  init() throws { files = try DataFolder() }

  private static let iris = ["setosa", "versicolor", "virginica"]

  /// A table of numbers, words, groups and named sets; `x` is the place of the record.
  private func table(
    _ count: Int = 60, changing changed: Set<Int> = [], group: (Int) -> String = { "g\($0 % 7)" }
  ) -> String {
    let words = ["train", "training", "val", "dev", "test"]
    return "x,y,colour,house,part,species\n"
      + (0..<count).map { row in
        let isChanged = changed.contains(row)
        return "\(row),\(isChanged ? 1e6 : Double(row * row % 17))"
          + ",\(isChanged ? "odd" : ["red", "blue"][row % 2]),\(group(row)),\(words[row % 5])"
          + ",\(Self.iris[row % 3])\n"
      }.joined()
  }

  private func configuration(_ data: String, csv: String = "") throws -> DataConfiguration {
    let settings = try Settings(
      text: """
        data: {dataset: {csv: {training: t.csv, label: species, categorical: [colour],
                               ignore: [house, part], standardise: true\(csv)}},
               from: \(files.path("data")), \(data)}
        """, source: "t.yaml", schema: DataConfigurationTests.schema)
    return DataConfiguration(settings.section("data"))
  }

  private func load(_ data: String, csv: String = "", seed: UInt64 = 1) throws -> Splits {
    try configuration(data, csv: csv).load(seed: seed, in: files.places)
  }

  /// The places of the records of a set, from their first number.
  private func records(_ set: Dataset?) throws -> [Int] {
    guard let set else { return [] }
    guard case .number(let column)? = set.columns?.features[0].content else {
      return []
    }
    let numbers = try set.numbers
    return (0..<set.count).map {
      Int((Double(numbers[$0 * set.sampleSize]) * column.deviation + column.mean).rounded())
    }
  }

  @Test(arguments: [
    "test: 0.2, validation: 0.25", "test: 0.2, validation: 0.25, split: stratified",
    "test: 0.2, validation: 0.25, split: {group: house}", "split: {column: part}",
    "fold: 2/4, validation: 0.25", "fold: 2/4, validation: 0.25, split: stratified",
    "fold: 2/4, validation: 0.25, split: {group: house}", "validation: 0.1",
  ])
  func setsArePartsOfTheFile(data: String) throws {
    try files.put(table(), at: "data/t.csv")
    let sets = try load(data)
    let parts = try [sets.training, sets.validation, sets.hasTestSet ? sets.test : nil].map {
      try records($0)
    }
    #expect(parts.flatMap(\.self).sorted() == Array(0..<60))
    #expect(parts[0].count > 20 && !parts[1].isEmpty)
    for (set, records) in zip([sets.training, sets.validation, sets.test], parts) {
      guard let set, !records.isEmpty else { continue }
      #expect(set.labels == records.map { Int32($0 % 3) })
      if data.contains("house") { continue }
      #expect(records == records.sorted())
    }
    if data.contains("house") {
      let houses = parts.map { Set($0.map { $0 % 7 }) }
      #expect(houses.reduce(0) { $0 + $1.count } == 7, "groups are whole")
    }
    if data.contains("part") {
      #expect(parts[0] == (0..<60).filter { $0 % 5 < 2 })
      #expect(parts[2] == (0..<60).filter { $0 % 5 == 4 })
    }
  }

  /// Nothing that is learned of the columns depends on records that are held out.
  @Test(arguments: [
    "test: 0.2, validation: 0.25", "test: 0.2, split: stratified", "validation: 0.3",
    "fold: 3/4, split: {group: house}", "split: {column: part}",
  ])
  func heldOutRecordsAreNotMeasured(data: String) throws {
    try files.put(table(), at: "data/t.csv")
    let sets = try load(data)
    let training = try records(sets.training)
    let heldOut = Set(0..<60).subtracting(training)
    #expect(!heldOut.isEmpty)
    try files.put(table(changing: heldOut), at: "data/t.csv")
    let changed = try load(data)
    #expect(changed.training.columns == sets.training.columns)
    #expect(changed.training.contentHash == sets.training.contentHash)
    #expect(changed.test.contentHash != sets.test.contentHash || !sets.hasTestSet)
    // A word that only held-out records have is none of the words.
    let one = changed.hasTestSet ? changed.test : try #require(changed.validation)
    #expect(try Array(one.numbers[2..<4]) == [0, 0])
    // The same record in training is measured.
    try files.put(table(changing: [training[0]]), at: "data/t.csv")
    #expect(try load(data).training.columns != sets.training.columns)
  }

  /// `evaluate` and a resumed run read the same sets, from the cache of training.
  @Test func aTrainedNetworkFindsTheSameSets() throws {
    try files.put(table(), at: "data/t.csv")
    for data in ["test: 0.2, validation: 0.25, split: stratified", "fold: 1/3, validation: 0.2"] {
      let configuration = try configuration(data)
      let sets = try configuration.load(seed: 3, in: files.places)
      let known = KnownCoding(sets.training.coding)
      let prepared = try configuration.stored(seed: 3, as: known, in: files.places)?.prepare()
      #expect(prepared?.built == nil, "the cache of training serves")
      let again = try configuration.load(seed: 3, as: known, in: files.places)
      #expect(again.contentHash == sets.contentHash)
      #expect(again.validation?.contentHash == sets.validation?.contentHash)
      // Another network's columns divide the file in the same way.
      try files.put(table(changing: [0, 1, 2, 3, 4, 5]), at: "data/t.csv")
      let other = try configuration.load(seed: 3, in: files.places).training.coding
      try files.put(table(), at: "data/t.csv")
      let coded = try configuration.load(seed: 3, as: KnownCoding(other), in: files.places)
      #expect(coded.training.labels == sets.training.labels)
      #expect(coded.test.labels == sets.test.labels)
    }
  }

  @Test func groupFoldsAsScikitLearn() throws {
    for one in try SplittingTests.Golden.read().groups {
      try files.put(
        table(one.labels.count) { "g\(one.labels[$0])" }, at: "data/t.csv")
      let sizes = try (1...one.folds).map {
        try load("split: {group: house}, fold: \($0)/\(one.folds)").test.count
      }
      #expect(sizes.sorted() == one.counts[0])
    }
  }

  /// A column of groups or of sets is no feature, whether it is ignored or not.
  @Test func theColumnIsNoFeature() throws {
    try files.put(
      "a,house,species\n" + (0..<12).map { "\($0),h\($0 / 2),s\($0 % 2)\n" }.joined(),
      at: "data/u.csv")
    let data = "dataset: {csv: {training: u.csv, label: species}}, split: {group: house}, test: 0.5"
    #expect(try files.load(data).training.shape == [1])
  }

  @Test func whatCannotBeDividedIsNamed() throws {
    try files.put(table(), at: "data/t.csv")
    func expect(
      _ data: String, csv: String = "", _ message: String,
      sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
      let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) {
        _ = try load(data, csv: csv)
      }
      #expect(
        failure?.message.contains(message) == true, "\(failure?.message ?? "")",
        sourceLocation: sourceLocation)
    }
    try expect("fold: 1/61", "t.csv': 60 samples are too few for 61 folds")
    try expect("fold: 1/8, split: {group: house}", "column 'house': 7 groups are too few for 8")
    try expect("fold: 1/21, split: stratified", "column 'species': the class 'setosa' has 20")
    try expect("test: 0.1, split: {group: hose}", "no column 'hose' to split by (did you mean")
    try expect("split: {column: colour}", "t.csv:2: column 'colour' holds 'red', expected train")
    try expect("test: 0.1", csv: ", test: t.csv", "has the test file")
    try expect("split: {column: part}", csv: ", test: t.csv", "and the dataset has a test file")
    try expect("train_samples: 61, test: 0.1", "at most the 60 samples")
    try files.put(table(2) + "1,1,red,h,tset,setosa\n", at: "data/t.csv")
    try expect("split: {column: part}", "t.csv:4: column 'part' holds 'tset'")
    try files.put(table(4) + "1,1,red,,test,setosa\n", at: "data/t.csv")
    try expect("split: {group: house}, test: 0.2", "t.csv:6: column 'house' has no value")
    try files.put(table(6) + "1,1,red,h,test,rosa\n", at: "data/t.csv")
    try expect("split: stratified, test: 0.5", "the class 'rosa' has 1 sample, ")
  }

  @Test func theFirstSamplesAreDivided() throws {
    try files.put(table(), at: "data/t.csv")
    let sets = try load("train_samples: 30, test: 0.2, validation: 0.25")
    let all = try [sets.training, sets.validation, sets.test].flatMap { try records($0) }
    #expect(all.sorted() == Array(0..<30))
  }

  @Test func seriesAndTextsAreHeldOutAtTheirEnd() throws {
    try files.put(String(repeating: "to be or not to be ", count: 40), at: "data/t.txt")
    let text = "dataset: {text: {training: t.txt, length: 8}}"
    files.expect("\(text), fold: 1/2", fails: .badConfiguration, "a text is held out at its end")
    files.expect("\(text), test: 0.1", fails: .badConfiguration, "a text is held out at its end")
    try files.put(
      "load\n" + (0..<60).map { "\($0 % 7)\n" }.joined(), at: "data/s.csv")
    let series = "dataset: {csv: {training: s.csv, targets: [load], window: {length: 4}}}"
    files.expect("\(series), fold: 1/2", fails: .badConfiguration, "a series is held out")
  }

  /// Files are found beside the configuration that names them, or in the working folder.
  @Test func filesBesideTheConfiguration() throws {
    try files.put(table(), at: "data/t.csv")
    try files.put(table(40), at: "configs/sub/t.csv")
    func load(_ data: String, set: [String] = []) throws -> Int {
      try files.put("data: {\(data), validation: none}", at: "configs/a.yaml")
      let settings = try Settings(
        file: files.path("configs/a.yaml"), set: set, schema: DataConfigurationTests.schema)
      return try DataConfiguration(settings.section("data")).load(seed: 1, in: files.places)
        .training.count
    }
    let csv = "label: species, categorical: [colour], ignore: [house, part]"
    #expect(try load("dataset: {csv: {training: sub/t.csv, \(csv)}}") == 40)
    #expect(try load("dataset: {csv: {training: t.csv, \(csv)}}, from: sub") == 40)
    #expect(try load("dataset: {csv: {training: t.csv, \(csv)}}, from: ../data") == 60)
    #expect(throws: Failure.self) {
      try load("dataset: {csv: {training: t.csv, \(csv)}}", set: ["data.from=sub"])
    }
  }
}
