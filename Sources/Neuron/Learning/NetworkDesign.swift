internal import Configuration
internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
internal import Training

/// What a network is, apart from its weights: enough for any trainer to build it.
package struct NetworkDesign: Sendable {
  /// Of a sample: `[f]`, or `[h, w, c]`.
  package let sample: [Int]
  /// The value of a configuration's `model`.
  package let layers: String
  package let seed: UInt64
  let loss: LossFunction
  /// How many numbers come out.
  package let outputs: Int

  init(
    sample: [Int], layers: String, loss: LossFunction, seed: UInt64
  ) throws(Failure) {
    self.sample = sample
    self.layers = layers
    self.loss = loss
    self.seed = seed
    let output = try Network.output(
      of: LayerList(
        setting: Self.configuration(
          layers, loss, seed, Rule(learningRate: 1), outputs: 1, batch: 1
        ).settings.value("model")), sample: Shape(sample))
    guard output.rank == 1 else {
      throw Failure(
        .badConfiguration, "the layers end with maps of \(output), expected numbers: add 'flatten'")
    }
    outputs = output[0]
  }

  /// The experiment that trains the network on samples, batch by batch.
  func experiment(
    on training: Datasets.Dataset, validation: Datasets.Dataset? = nil, batch: Int, by rule: Rule
  ) throws(Failure) -> Experiment {
    try Experiment(
      Self.configuration(layers, loss, seed, rule, outputs: outputs, batch: batch),
      data: Splits(training: training, test: validation, validation: .test, seed: seed))
  }

  /// The samples are given later, so what is said of data here is but the size of a step.
  private static func configuration(
    _ layers: String, _ loss: LossFunction, _ seed: UInt64, _ rule: Rule, outputs: Int, batch: Int
  ) throws(Failure) -> RunConfiguration {
    try RunConfiguration(
      text: """
        name: brain
        seed: \(seed)
        data: {dataset: digits, batch: \(batch)}
        model: \(layers)
        loss: \(loss.name)
        optimizer: \(rule.text(stepFactor: loss.stepFactor(outputs: outputs)))
        train: {metrics: [match]}
        """, source: "network")
  }

  /// Samples in memory with what the network is to answer, one after the other.
  func dataset(_ samples: [Float], answers: [Float]) -> Datasets.Dataset {
    Datasets.Dataset(
      shape: sample, elements: .floats(samples), targets: .values(answers, shape: [outputs]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
  }
}
