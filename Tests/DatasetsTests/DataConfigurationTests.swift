import Configuration
import Datasets
import Diagnostics
import Testing

@Suite struct DataConfigurationTests {
  static let schema = Record(
    "run", keys: [Key("data", .record(DataConfiguration.record), help: "data")], help: "a run")

  func decode(_ text: String, set: [String] = []) throws -> DataConfiguration {
    let settings = try Settings(text: text, source: "t.yaml", set: set, schema: Self.schema)
    return DataConfiguration(settings.section("data"))
  }

  func failure(_ text: String, set: [String] = []) -> Failure? {
    #expect(throws: Failure.self) { _ = try decode(text, set: set).load(seed: 1) }
  }

  @Test func defaults() throws {
    let data = try decode("data: digits")
    #expect(data.source == .drawn(.digits))
    #expect(data.batch == 64)
    #expect(!data.dropsLast)
    #expect(data.validation == .test)
    #expect(DrawnDataset.digits.defaultSizes == (training: 10_000, test: 2000))
  }

  @Test func everyKey() throws {
    let data = try decode(
      """
      data: {dataset: digits, train_samples: 300, test_samples: 50, batch: 32, drop_last: true,
             validation: 0.1}
      """)
    #expect(data.batch == 32)
    #expect(data.dropsLast)
    #expect(data.validation == .share(0.1))
    let splits = try data.load(seed: 1)
    #expect(splits.training.count == 270)
    #expect(splits.validation?.count == 30)
    #expect(splits.test.count == 50)
    #expect(data.sampler(over: splits.training.count, seed: 1).stepsPerEpoch == 8)
  }

  @Test func validationWords() throws {
    #expect(try decode("data: {dataset: digits, validation: none}").validation == .none)
    #expect(try decode("data: {dataset: digits, validation: test}").validation == .test)
  }

  @Test func theDataDoNotDependOnTheSeed() throws {
    let data = try decode("data: {dataset: digits, train_samples: 80, test_samples: 10}")
    #expect(try data.load(seed: 1).contentHash == data.load(seed: 2).contentHash)
  }

  @Test func aBatchLargerThanTheTrainingSet() {
    #expect(
      failure("data:\n  dataset: digits\n  train_samples: 2000\n  batch: 4096\n")
        == Failure(
          .badConfiguration,
          "t.yaml:4:10: data.batch: a batch of 4,096 samples is larger than the training set of"
            + " 2,000; use a batch of at most 2,000"))
    // What is held out does not count.
    #expect(
      failure("data: {dataset: digits, train_samples: 100, batch: 100, validation: 0.1}")?.code
        == .badConfiguration)
    #expect(
      failure("data: {dataset: digits, train_samples: 100}", set: ["data.batch=101"])?.code
        == .usage)
  }

  @Test(arguments: [
    ("data: {dataset: digit}", "digits"), ("data: {batch: 3}", "dataset"),
    ("data: {dataset: digits, batch: 0}", "from 1 to"),
    ("data: {dataset: digits, validation: 1.5}", "validation"),
    ("data: {dataset: digits, train_samples: 1, batch: 1, validation: 0.5}", "at least 2"),
    ("data: {dataset: digits, bacth: 3}", "did you mean 'batch'"),
    ("data: {dataset: digits, labels: [1]}", "data.labels: means nothing for the dataset digits"),
    ("data: {dataset: table, train_samples: 3}", "means nothing for the dataset table"),
    ("data: {dataset: table, batch: 1}", "a table needs samples"),
    ("data: {dataset: table, samples: [[1]]}", "found neither"),
    ("data: {dataset: table, samples: [[1]], labels: [0], targets: [[0]]}", "found both"),
    ("data: {dataset: table, samples: [[1], [2]], labels: [0]}", "each of the 2 samples, found 1"),
    ("data: {dataset: table, samples: [[1], [2, 3]], labels: [0, 1]}", "found 2 in number 2"),
    ("data: {dataset: table, samples: [[1e39]], labels: [0]}", "too large for float32"),
    ("data: {dataset: table, samples: [[]], labels: [0]}", "samples"),
    ("data: {dataset: table, samples: [[1]], labels: [-2]}", "from -1 to"),
    (
      "data: {dataset: table, batch: 2, samples: [[1]], labels: [0]}",
      "larger than the training set of 1"
    ),
  ])
  func mistakesAreNamed(_ text: String, _ hint: String) {
    let failure = failure(text)
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains(hint) == true, "\(failure?.message ?? "")")
  }

  @Test func aTableOfRealTargets() throws {
    let splits = try decode(
      """
      data:
        dataset: table
        samples: [[0.05, 0.1, 1], [2, -3, 4e2]]
        targets: [[0.01, 0.99], [1, 0]]
        batch: 2
      """
    ).load(seed: 1)
    let data = splits.training
    #expect(data.shape == [3] && data.count == 2)
    #expect(data.normalisation == Normalisation(scale: 1, mean: 0, deviation: 1))
    guard case .floats(let numbers) = data.elements, case .values(let targets, [2]) = data.targets
    else {
      Issue.record("\(data.elements) \(data.targets)")
      return
    }
    #expect(numbers == [0.05, 0.1, 1, 2, -3, 400])
    #expect(targets == [0.01, 0.99, 1, 0])
    #expect(data.targetBytes == 8)
    // There is no other set: nothing to watch, and the test set is the training set.
    #expect(!splits.hasTestSet && splits.validation == nil)
    #expect(splits.test.contentHash == data.contentHash)
  }

  @Test func aTableOfClasses() throws {
    let splits = try decode(
      "data: {dataset: table, samples: [[1], [2], [3]], labels: [2, 0, 2], batch: 2,"
        + " validation: 0.34}"
    ).load(seed: 1)
    guard case .classes([2, 0, 2], let names, _) = splits.test.targets else {
      Issue.record("\(splits.test.targets)")
      return
    }
    #expect(names == ["0", "1", "2"])
    #expect(splits.training.count == 2 && splits.validation?.count == 1)
  }

  @Test func weightsOfATable() throws {
    func data(_ weights: String) throws -> Dataset {
      try decode(
        "data: {dataset: table, samples: [[1], [2], [3]], labels: [1, 0, 1]\(weights), batch: 2}"
      ).load(seed: 1).training
    }
    let weighted = try data(", weights: [0.5, 0, 2]")
    #expect(weighted.isWeighted && weighted.weights == [0.5, 0, 2])
    let copied = unsafe [Float](unsafeUninitializedCapacity: 2) { buffer, count in
      unsafe weighted.selecting([2, 0]).copy(
        weights: [0, 1], into: UnsafeMutableRawBufferPointer(buffer))
      count = 2
    }
    #expect(copied == [2, 0.5])
    let plain = try data("")
    #expect(!plain.isWeighted && plain.contentHash != weighted.contentHash)
    let failure = #expect(throws: Failure.self) { try data(", weights: [1]") }
    #expect(
      failure?.message.hasSuffix("expected one for each of the 3 samples, found 1") == true)
  }

  @Test func targetsAreCopiedInTheOrderAsked() throws {
    let data = Dataset(
      shape: [1], elements: .floats([1, 2, 3]), targets: .values([1, 2, 3, 4, 5, 6], shape: [2]))
    let copied = unsafe [Float](unsafeUninitializedCapacity: 4) { buffer, count in
      unsafe data.copy(targets: [2, 0], into: UnsafeMutableRawBufferPointer(buffer))
      count = 4
    }
    #expect(copied == [5, 6, 1, 2])
    let wider = Dataset(
      shape: [1], elements: .floats([1, 2, 3]),
      targets: .values([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [3]))
    #expect(data.contentHash != wider.contentHash)
  }
}
