package import Datasets
package import Diagnostics
internal import Graphs
package import Networks
package import Optimizers
package import Reports

/// A configuration together with its data and the network that fits it: ready to be run.
package struct Experiment: Sendable {
  package let configuration: RunConfiguration
  package let data: Splits
  package let network: Network
  package let learningRates: LearningRateSchedule

  package init(_ configuration: RunConfiguration) throws(Failure) {
    try self.init(configuration, data: configuration.data.load(seed: configuration.seed))
  }

  /// An experiment on given data instead of those that the configuration names.
  package init(_ configuration: RunConfiguration, data: Splits) throws(Failure) {
    self.configuration = configuration
    self.data = data
    network = try Network(
      configuration.settings, sample: Shape(data.training.shape),
      labels: data.training.labels, isWeighted: data.training.isWeighted)
    if let limit = network.indexLimit { try data.checkIndices(below: limit) }
    let sampler = configuration.data.sampler(over: data.training, seed: configuration.seed)
    learningRates = try configuration.learningRates(stepsPerEpoch: sampler.stepsPerEpoch)
  }

  /// How programs receive the samples.
  package var input: SampleInput {
    let normalisation = data.training.normalisation
    let number: NumberType =
      switch data.training.elements {
      case .bytes: .uint8
      case .floats: .float32
      }
    return SampleInput(
      number, scale: Double(normalisation.scale), mean: Double(normalisation.mean),
      deviation: Double(normalisation.deviation))
  }

  package var sampler: Sampler {
    configuration.data.sampler(over: data.training, seed: configuration.seed)
  }

  package func scores(_ totals: EpochTotals) -> Scores { scores(totals.meanLoss, totals.accuracy) }
  package func scores(_ result: Evaluation) -> Scores { scores(result.loss, result.accuracy) }

  /// Only classes can be found; real numbers are more or less near.
  private func scores(_ loss: Double, _ accuracy: Double) -> Scores {
    switch network.labels {
    case .classes: Scores(loss: loss, metrics: [Metric("accuracy", accuracy)])
    case .values: Scores(loss: loss)
    }
  }
}

extension Dataset {
  /// What its targets are to a network.
  var labels: LabelKind {
    switch targets {
    case .classes(_, let names): .classes(names.count)
    case .values(_, let width): .values(width)
    }
  }

  /// The input of a program that receives the targets.
  var targetInput: String {
    switch targets {
    case .classes: "labels"
    case .values: "targets"
    }
  }
}
