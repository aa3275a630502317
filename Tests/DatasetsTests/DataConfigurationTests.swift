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
    #expect(data.source == .digits)
    #expect(data.batch == 64)
    #expect(!data.dropsLast)
    #expect(data.validation == .test)
    #expect(Digits.defaultSizes == (training: 10_000, test: 2000))
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
    #expect(data.sampler(over: splits.training, seed: 1).stepsPerEpoch == 8)
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
  ])
  func mistakesAreNamed(_ text: String, _ hint: String) {
    let failure = failure(text)
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains(hint) == true, "\(failure?.message ?? "")")
  }
}
