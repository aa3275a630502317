import Datasets
import Graphs
import Networks
import Testing
import Training

/// A network of which there is a golden file, as a configuration would have it.
struct ParityCase: Sendable, CustomTestStringConvertible {
  let name: String
  let sample: Shape
  var labels = LabelKind.classes(10)
  let model: String
  var loss = "cross_entropy"
  var optimizer = "{adam: 0.001}"

  var testDescription: String { name }

  static let samples = 64
  static let steps = 10

  static let mlp = ParityCase(
    name: "mlp", sample: [784], model: "[{dense: 32}, relu, {dense: 10}]")

  static let momentum = ParityCase(
    name: "mlp_momentum", sample: mlp.sample, model: mlp.model,
    optimizer: "{sgd: {learning_rate: 0.05, momentum: 0.9}}")

  static let conv = ParityCase(
    name: "conv", sample: [28, 28, 1],
    model: """
      [{conv: 8}, relu, {maxpool: 2}, {conv: 16}, relu, {maxpool: 2}, flatten, {dense: 32}, relu,
       {dense: 10}]
      """)

  static let regression = ParityCase(
    name: "regression", sample: [20], labels: .values(5),
    model: "[{dense: 16}, tanh, {dense: 12}, sigmoid, {dense: 5}]", loss: "mse")

  static let all = [mlp, momentum, conv, regression]

  func configuration(batch: Int = samples, shards: Int = 1) throws -> RunConfiguration {
    try RunConfiguration(
      text: """
        name: \(name)
        shards: \(shards)
        data: {dataset: digits, batch: \(batch), validation: none}
        model: \(model)
        loss: \(loss)
        optimizer: \(optimizer)
        """, source: "\(name).yaml")
  }

  func network() throws -> Network {
    try Network(configuration().settings, sample: sample, labels: labels)
  }

  /// The experiment of the configuration on the first samples of the golden file.
  func experiment(
    _ golden: Golden, batch: Int, shards: Int, samples: Int
  ) throws -> Experiment {
    let some = (0..<Int32(samples))[...]
    let data = Dataset(
      shape: sample.extents, elements: .floats(golden.input.rows(some).elements.map { Float($0) }),
      targets: .classes(
        golden.answers.rows(some).elements.map { Int32($0) }, names: (0..<10).map(String.init)),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    return try Experiment(
      configuration(batch: batch, shards: shards),
      data: Splits(training: data, test: data, validation: .none, seed: 1))
  }
}

extension Tensor {
  /// Some of the rows along the first axis.
  func rows(_ indices: some Collection<Int32>) -> Tensor {
    let size = shape.count / shape[0]
    return Tensor(
      Shape([indices.count] + shape.extents.dropFirst()),
      indices.flatMap { elements[Int($0) * size..<(Int($0) + 1) * size] })
  }
}
