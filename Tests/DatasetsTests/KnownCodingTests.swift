import Configuration
import Datasets
import Diagnostics
import Foundation
import Testing

/// Data that are read as a trained network knows them, not as they would teach another one.
@Suite struct KnownCodingTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private func load(_ data: String, as known: KnownCoding) throws -> Splits {
    let settings = try Settings(
      text: "data: {\(data), from: \(files.path("data")), batch: 1}", source: "t.yaml",
      schema: DataConfigurationTests.schema)
    return try DataConfiguration(settings.section("data"))
      .load(seed: 1, as: known, in: files.places)
  }

  private func expect(
    _ data: String, as coding: SampleCoding, fails text: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) {
      _ = try load(data, as: KnownCoding(coding))
    }
    #expect(
      failure?.code == .badData && failure?.message.contains(text) == true,
      "\(String(describing: failure))", sourceLocation: sourceLocation)
  }

  private static let table = "dataset: {csv: {training: t.csv, label: kind, categorical: [town]}}"

  private func writeTable(_ rows: [String], header: String = "x,town,kind") throws {
    try files.put(([header] + rows).joined(separator: "\n"), at: "data/t.csv")
  }

  @Test func columnsAndClassesStayWhatTheyWere() throws {
    try writeTable(["1,Bern,b", "2,Chur,c", "6,Bern,a"])
    let first = try files.load(Self.table)
    let coding = first.training.coding
    // Neither the mean, nor the words, nor the classes are what they were.
    try writeTable(["6,Chur,c", "9,Chur,b"])
    let now = try files.load(Self.table).training
    #expect(now.coding != coding && now.labels == [1, 0])
    let known = try load(Self.table, as: KnownCoding(coding)).training
    #expect(known.coding == coding && known.labels == [2, 1])
    #expect(try known.numbers[0] == first.training.numbers[6])
    #expect(try known.numbers[1...2] == [0, 1])
    try writeTable(["6,Chur,d"])
    expect(Self.table, as: coding, fails: "t.csv:2: column 'kind' holds 'd'")
    try writeTable(["6,Basel,a"])
    expect(Self.table, as: coding, fails: "t.csv:2: column 'town' holds 'Basel'")
    try writeTable(["6,Bern,a"], header: "y,town,kind")
    expect(Self.table, as: coding, fails: "t.csv:1: there is no column 'x'")
  }

  /// Where the data are what they were, the cache of training serves.
  @Test func thereIsOneCacheOfTheSameData() throws {
    try writeTable(["1,Bern,b", "2,Chur,c"])
    let coding = try files.load(Self.table).training.coding
    let path = try files.cache
    _ = try load(Self.table, as: KnownCoding(coding))
    #expect(try files.cache == path)
  }

  private func writeImages(_ grey: UInt8, _ names: [String]) throws {
    for (place, name) in names.enumerated() {
      try files.png(
        "data/images/\(name)/0.png", width: 2, height: 1, channels: 1, [grey, grey + UInt8(place)])
    }
  }

  @Test func imagesKeepTheirScaleAndClasses() throws {
    try writeImages(200, ["cat", "dog", "owl"])
    let coding = try files.load("dataset: {images: images}").training.coding
    try FileManager.default.removeItem(atPath: files.path("data/images"))
    try writeImages(100, ["dog", "owl"])
    let known = try load("dataset: {images: images}", as: KnownCoding(coding)).training
    #expect(known.normalisation == coding.normalisation && known.classes == ["cat", "dog", "owl"])
    #expect(known.labels == [1, 2])
    try writeImages(100, ["fox"])
    expect(
      "dataset: {images: images}", as: coding,
      fails: "images/fox': there is no class 'fox' in training")
  }

  @Test func arraysMustFit() throws {
    try files.put(DataFolder.idx([3, 2], [1, 2, 3, 4, 5, 6]), at: "data/x")
    try files.put(DataFolder.idx([3], [0, 1, 2]), at: "data/y")
    let pair = "dataset: {idx: {training: {samples: x, labels: y}}}"
    let coding = try files.load(pair).training.coding
    try files.put(DataFolder.idx([2], [0, 1]), at: "data/y")
    try files.put(DataFolder.idx([2, 2], [1, 2, 3, 4]), at: "data/x")
    #expect(try load(pair, as: KnownCoding(coding)).training.classes == ["0", "1", "2"])
    try files.put(DataFolder.idx([2], [0, 3]), at: "data/y")
    expect(pair, as: coding, fails: "sample 1 has the label 3, expected 0 to 2")
    try files.put(DataFolder.idx([2, 1], [1, 2]), at: "data/x")
    expect(pair, as: coding, fails: "expected samples of 2 uint8 as in training, found 1 uint8")
    expect(
      "dataset: {idx: {training: {samples: x, targets: y}}}",
      as: SampleCoding(
        shape: [1], number: .uint8, normalisation: coding.normalisation, targets: coding.targets),
      fails: "holds real numbers, in training it was one of 3 classes")
  }

  /// A network that begins with the weights of another one, with an output layer of its own.
  @Test func answersMayBeNew() throws {
    try writeTable(["1,Bern,b", "2,Chur,c", "6,Bern,a"])
    let coding = try files.load(Self.table).training.coding
    try writeTable(["3,Chur,yes", "9,Bern,no"])
    func known(_ hasOutputLayer: Bool) throws -> Dataset {
      try load(
        Self.table, as: KnownCoding(beginningWith: coding, hasOutputLayer: hasOutputLayer)
      ).training
    }
    let data = try known(false)
    #expect(data.classes == ["no", "yes"] && data.labels == [1, 0])
    #expect(data.columns?.features == coding.columns?.features)
    #expect(try data.numbers[0] == 0)
    #expect(throws: Failure.self) { try known(true) }
  }

  /// What a setting asks for is not passed over.
  @Test func anotherNormalisationIsRefused() throws {
    try writeImages(200, ["cat", "dog"])
    let coding = try files.load("dataset: {images: images}").training.coding
    let failure = #expect(throws: Failure.self) {
      _ = try load("normalise: symmetric, dataset: {images: images}", as: KnownCoding(coding))
    }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains("data.normalise: ") == true)
  }

  /// `normalise: false` leaves the columns of a table as they are.
  @Test func columnsThatAreNotNormalised() throws {
    try writeTable(["1,Bern,b", "2,Chur,c", "6,Bern,a"])
    let plain = try files.load("\(Self.table), normalise: false").training
    #expect(try plain.numbers == [1, 1, 0, 2, 0, 1, 6, 1, 0])
    #expect(try files.load(Self.table).training.numbers != plain.numbers)
    #expect(
      try files.load(
        "dataset: {csv: {training: t.csv, label: kind, categorical: [town], standardise: false}}"
      ).training.numbers == plain.numbers)
  }
}
