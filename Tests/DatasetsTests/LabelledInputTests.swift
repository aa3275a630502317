import Datasets
import Diagnostics
import Foundation
import HDF5Files
import Testing

/// Files of samples and targets, coded for a network that was trained on others.
@Suite struct LabelledInputTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private static let classes = SampleCoding(
    shape: [2], number: .float32, normalisation: Normalisation(scale: 1, mean: 3, deviation: 2),
    targets: .classes(["a", "b"]))
  private static let values = SampleCoding(
    shape: [2], number: .float32, normalisation: classes.normalisation, targets: .values(shape: [2])
  )
  private static let pixels = SampleCoding(
    shape: [1, 2, 1], number: .uint8,
    normalisation: Normalisation(scale: 1 / 255, mean: 0.5, deviation: 0.25),
    targets: .classes(["cat", "dog"]))

  private func load(
    _ name: String, _ coding: SampleCoding, answers: String? = nil, array: String? = nil
  ) throws -> Dataset {
    let input = LabelledInput(files.path(name), targets: answers, name: array)
    let cache = try StoredDataset(input, for: coding, in: files.places).prepare().cache
    return try Dataset(input: cache, for: coding)
  }

  private func expect(
    _ name: String, _ coding: SampleCoding, answers: String? = nil, array: String? = nil,
    fails code: ExitCode,
    _ text: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) {
      _ = try load(name, coding, answers: answers, array: array)
    }
    #expect(
      failure?.code == code && failure?.message.contains(text) == true,
      "\(String(describing: failure))", sourceLocation: sourceLocation)
  }

  @Test func linesOfNumbersAndTheAnswer() throws {
    try files.put("1,2,b\n3,4.5,a\n", at: "x.csv")
    let data = try load("x.csv", Self.classes)
    #expect(try data.numbers == [1, 2, 3, 4.5])
    #expect(data.labels == [1, 0] && data.coding == Self.classes)
    try files.put("1,2,0.5,-1\n", at: "x.csv")
    #expect(try load("x.csv", Self.values).values == [0.5, -1])
    try files.put("1,2\n", at: "x.csv")
    expect(
      "x.csv", Self.classes, fails: .badData,
      "x.csv:1: expected 2 numbers for a sample of 2 and 1 for its target, found 2 fields")
    try files.put("1,2,c\n", at: "x.csv")
    expect("x.csv", Self.classes, fails: .badData, "x.csv:1: column '3' holds 'c'")
  }

  @Test func aTableWithItsAnswers() throws {
    try files.put("x,kind\n1,p\n3,q\n", at: "data/t.csv")
    let coding = try files.load("dataset: {csv: {training: t.csv, label: kind}}").training.coding
    try files.put("kind,more,x\nq,1,2\n", at: "new.csv")
    let data = try load("new.csv", coding)
    #expect(try data.numbers == [0])
    #expect(data.labels == [1] && data.coding == coding)
    try files.put("x\n2\n", at: "new.csv")
    expect("new.csv", coding, fails: .badData, "new.csv:1: there is no column 'kind'")
  }

  @Test func foldersOfImages() throws {
    try files.png("new/dog/1.png", width: 2, height: 1, channels: 1, [7, 9])
    let data = try load("new", Self.pixels)
    #expect(try data.numbers == [7, 9])
    #expect(data.labels == [1] && data.normalisation == Self.pixels.normalisation)
    expect("new/dog/1.png", Self.pixels, fails: .badData, "an image alone has no target")
    expect("new/dog", Self.pixels, fails: .badData, "expected a folder of images for each class")
    try files.png("new/fox/1.png", width: 2, height: 1, channels: 1, [7, 9])
    expect("new", Self.pixels, fails: .badData, "there is no class 'fox' in training")
    expect("none", Self.pixels, fails: .noInput, "none")
  }

  @Test func pairsOfIDXFiles() throws {
    try files.put(DataFolder.idx([2, 1, 2], [1, 2, 3, 4]), at: "x")
    try files.put(DataFolder.idx([2], [1, 0]), at: "y")
    let data = try load("x", Self.pixels, answers: files.path("y"))
    #expect(try data.numbers == [1, 2, 3, 4])
    #expect(data.labels == [1, 0])
    // Bytes stand for real numbers as well.
    try files.put(DataFolder.idx([2, 2], [1, 2, 3, 4]), at: "z")
    let reals = try load("z", Self.classes, answers: files.path("y"))
    #expect(reals.elements.number == .float32)
    #expect(try reals.numbers == [1, 2, 3, 4])
    expect("x", Self.pixels, fails: .usage, "name the file of targets by --answers")
    expect(
      "x", Self.classes, answers: files.path("y"), fails: .badData,
      "expected samples of 2 float32 as in training")
  }

  @Test func arraysOfAnHDF5File() throws {
    try write("one.h5", ["x": ([2, 2], [1, 2, 3, 4]), "y": ([2, 2], [5, 6, 7, 8])])
    expect("one.h5", Self.values, fails: .badData, "2 arrays hold such samples")
    let named = try load("one.h5", Self.values, answers: "y", array: "x")
    #expect(try named.numbers == [1, 2, 3, 4])
    #expect(named.values == [5, 6, 7, 8])
    #expect(try load("one.h5", Self.values, array: "y").values == [1, 2, 3, 4])
    try write("two.h5", ["x": ([2, 2], [1, 2, 3, 4]), "y": ([3], [1, 1, 1])])
    expect("two.h5", Self.classes, fails: .badData, "no array holds targets for the 2 samples")
  }

  /// A network that reads a field needs it in the file; arrays of fields are neither samples nor
  /// targets.
  @Test func fieldsOfAnHDF5File() throws {
    let coding = SampleCoding(
      shape: [2], number: .float32, normalisation: Self.values.normalisation,
      targets: .values(shape: [2]), fields: [Field("second", [2], .float32, .named)])
    try write(
      "pair.h5",
      [
        "x": ([2, 2], [1, 2, 3, 4]), "y": ([2, 2], [5, 6, 7, 8]),
        "second": ([2, 2], [9, 10, 11, 12]),
      ])
    let data = try load("pair.h5", coding, answers: "y", array: "x")
    let field = try #require(data.field("second"))
    var numbers: [Float] = [0, 0]
    try unsafe numbers.withUnsafeMutableBytes {
      try unsafe data.copy(field, of: [1], into: $0)
    }
    #expect(numbers == [11, 12] && data.coding == coding)
    #expect(try load("pair.h5", coding, array: "x").values == [5, 6, 7, 8])
    let samples = try coding.open(files.path("pair.h5"), name: "x")
    try unsafe numbers.withUnsafeMutableBytes {
      unsafe try samples.read(0..<1, ofField: 0, into: $0)
    }
    #expect(numbers == [9, 10])
    try write("none.h5", ["x": ([2, 2], [1, 2, 3, 4]), "y": ([2, 2], [5, 6, 7, 8])])
    expect("none.h5", coding, answers: "y", array: "x", fails: .badData, "'/second' is missing")
    try files.put("1,2,3,4\n", at: "x.csv")
    let refusal = #expect(throws: Failure.self) { try coding.open(files.path("x.csv")) }
    #expect(
      refusal?.message.contains("the network also reads the fields second (2 float32)") == true)
    try write("odd.h5", ["x": ([2, 2], [1, 2, 3, 4]), "second": ([3, 2], [1, 2, 3, 4, 5, 6])])
    let odd = #expect(throws: Failure.self) { try coding.open(files.path("odd.h5")) }
    #expect(
      odd?.message.contains(
        "expected second (2 float32) for each of 2 samples, found second (2 float32) for 3") == true
    )
    expect("x.csv", coding, fails: .badData, "the network needs second (2 float32)")
  }

  private func write(_ name: String, _ arrays: [String: (shape: [Int], values: [Float])]) throws {
    var file = try HDF5Writer(creating: files.path(name))
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: array.values.count)
      defer { unsafe buffer.deallocate() }
      _ = unsafe buffer.initialize(from: array.values)
      try unsafe file.write(UnsafeBufferPointer(buffer), shape: array.shape, to: name)
    }
    try file.close()
  }

  /// The sample is that of the set that was read from the file.
  @Test func targetsOutsideARangeAreNamed() throws {
    try files.put("x,y\n1,0.5\n2,1\n3,1.5\n", at: "data/t.csv")
    let splits = try files.load("dataset: {csv: {training: t.csv, targets: [y]}}, validation: 0.4")
    let configuration = try DataConfiguration(dataset: "digits")
    #expect(
      throws: Failure(
        .badData,
        "'t.csv': sample 1 of the training set has the target 1.5, expected 0 to 1 for binary_cross_entropy"
      )
    ) { try configuration.checkTargets(of: splits, within: 0...1, for: "binary_cross_entropy") }
    try configuration.checkTargets(of: splits, within: 0...2, for: "any")
  }
}
