package import Configuration
package import Diagnostics

/// The `data` section of a configuration: which dataset, and how it is served.
package struct DataConfiguration: Sendable {
  package let source: Source
  package let batch: Int
  package let dropsLast: Bool
  package let validation: Splits.Validation
  private let settings: Settings

  /// The datasets there are; each says elsewhere how it is made.
  package enum Source: String, CaseIterable, Sendable {
    case digits
    /// Samples that stand in the configuration.
    case table
  }

  package static let record = Record(
    "data", main: "dataset",
    keys: [
      Key("dataset", .choice(Source.self), help: "what to learn from"),
      Key(
        "train_samples", .integer(in: 1...1_000_000), default: .absent,
        help: "size of the training set (digits: 10000)"),
      Key(
        "test_samples", .integer(in: 1...1_000_000), default: .absent,
        help: "size of the test set (digits: 2000)"),
    ] + Table.keys + [
      Key(
        "batch", .integer(in: 1...1_000_000), default: 64,
        help: "samples in a step, over all ranks"),
      Key(
        "drop_last", .boolean, default: false,
        help: "leave out the last batch of an epoch when it is short"),
      Key(
        "validation", .oneOf([.choice(["test", "none"]), .number(in: .above(0, below: 1))]),
        default: "test",
        help: "what is watched during training: the test set, a share of the training set"
          + " that is held out, or none; a table has no test set, so test is none there"),
    ],
    instead: [
      "accumulate": "there is no accumulation of gradients; memory is that of one shard, "
        + "so a larger batch with more shards does the same"
    ],
    help: "the dataset and how it is served")

  package init(_ settings: Settings) {
    self.settings = settings
    source = settings.choice("dataset")
    batch = settings.integer("batch")
    dropsLast = settings.boolean("drop_last")
    validation =
      switch settings.value("validation") {
      case .number(let share): .share(share)
      case .choice("none"): .none
      default: .test
      }
  }

  /// Makes the dataset and divides it; `seed` chooses what is held out.
  package func load(seed: UInt64) throws(Failure) -> Splits {
    try checkKeys()
    let training: Dataset
    let test: Dataset?
    switch source {
    case .digits:
      (training, test) = Digits.datasets(training: digitSizes.training, test: digitSizes.test)
    case .table:
      (training, test) = (try Table.dataset(settings), nil)
    }
    if case .share = validation, training.count < 2 {
      throw settings.failure(
        at: "validation", "a share of the training set needs at least 2 samples, it has 1")
    }
    let splits = Splits(training: training, test: test, validation: validation, seed: seed)
    guard batch <= splits.training.count else {
      let count = splits.training.count.grouped
      throw settings.failure(
        at: "batch",
        "a batch of \(batch.grouped) samples is larger than the training set of \(count);"
          + " use a batch of at most \(count)")
    }
    return splits
  }

  var digitSizes: (training: Int, test: Int) {
    (
      settings.optionalInteger("train_samples") ?? Digits.defaultSizes.training,
      settings.optionalInteger("test_samples") ?? Digits.defaultSizes.test
    )
  }

  /// A setting that belongs to another dataset would have no effect.
  func checkKeys() throws(Failure) {
    let foreign: [String] =
      switch source {
      case .digits: Table.keys.map(\.name)
      case .table: ["train_samples", "test_samples"]
      }
    guard let key = foreign.first(where: { settings.optionalValue($0) != nil }) else { return }
    throw settings.failure(
      at: key, "means nothing for the dataset \(source.rawValue): leave it out")
  }

  /// The order of training.
  package func sampler(over count: Int, seed: UInt64) -> Sampler {
    Sampler(count: count, batch: batch, dropsLast: dropsLast, order: .shuffled(seed: seed))
  }
}
