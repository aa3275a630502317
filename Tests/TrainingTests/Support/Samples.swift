import Diagnostics
import Execution
import Testing
import Training

/// A small run on digits, and the text of its configuration.
struct Sample: Sendable, CustomTestStringConvertible {
  var seed = 1
  var engine = Engine.standard.rawValue
  var shards: Int? = 8
  var samples = 150
  var batch = 48
  var model = mlp
  var optimizer = "adam"
  /// More lines of the file: schedule, clip, penalty.
  var rules = ""
  var train = "{steps: 20}"
  /// More of the data: augmentation, validation.
  var data = "validation: test"

  static let mlp = "[flatten, {dense: 24}, relu, {dropout: 0.3}, {dense: 10}]"

  static let conv = """
    [{conv: 4}, relu, {maxpool: 2}, {dropout: 0.2}, {conv: 6}, relu, {maxpool: 2}, flatten, \
    {dropout: 0.5}, {dense: 10}]
    """

  var text: String {
    """
    name: sample
    seed: \(seed)
    engine: \(engine)
    shards: \(shards.map(String.init) ?? "null")
    data: {dataset: digits, train_samples: \(samples), test_samples: 70, batch: \(batch), \(data)}
    model: \(model)
    loss: cross_entropy
    optimizer: \(optimizer)
    train: \(train)
    \(rules)
    """
  }

  var testDescription: String {
    "\(samples) samples by \(batch) in \(shards ?? 0) shards, \(optimizer), \(rules), \(engine), \(model)"
  }

  func configuration() throws(Failure) -> RunConfiguration {
    try RunConfiguration(text: text, source: "run.yaml")
  }

  func experiment() throws(Failure) -> Experiment { try Experiment(configuration()) }
}
