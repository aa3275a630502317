internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
internal import Training

/// What a network is, apart from its weights: enough for any trainer to build it.
struct NetworkDesign: Sendable {
  /// The shape of a sample: `[f]`, or `[h, w, c]`.
  let sample: [Int]
  let layers: LayerList
  let seed: UInt64
  let loss: LossFunction
  /// The number of outputs.
  let outputs: Int

  init(
    sample: [Int], layers: LayerList, loss: LossFunction, seed: UInt64
  ) throws(Failure) {
    // Values of Swift code are checked when settings are made of them.
    _ = try layers.setting()
    self.sample = sample
    self.layers = layers
    self.loss = loss
    self.seed = seed
    let output = try Network.output(of: layers, sample: Shape(sample))
    guard output.rank == 1 else {
      throw Failure(
        .badConfiguration, "the layers end with maps of \(output), expected numbers: add 'flatten'")
    }
    outputs = output[0]
  }

  var model: Model { Model(layers, loss: loss.loss) }

  /// The experiment that trains the network on samples, batch by batch.
  func experiment(
    on training: Datasets.Dataset, validation: Datasets.Dataset? = nil, batch: Int, by rule: Rule
  ) throws(Failure) -> Experiment {
    try Experiment(
      RunConfiguration(
        name: "brain", model: model,
        optimizer: rule.optimizer(stepFactor: loss.stepFactor(outputs: outputs)), batch: batch,
        seed: seed, metrics: ["match"]),
      data: Splits(training: training, test: validation, validation: .test, seed: seed))
  }

  /// Samples in memory with the answers to learn, one after the other.
  func dataset(_ samples: [Float], answers: [Float]) -> Datasets.Dataset {
    Datasets.Dataset(
      shape: sample, elements: .floats(samples), targets: .values(answers, shape: [outputs]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
  }
}
