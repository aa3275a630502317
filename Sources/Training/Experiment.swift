package import Datasets
package import Diagnostics
internal import Graphs
package import Networks

/// A configuration together with its data and the network that fits it: ready to be run.
package struct Experiment: Sendable {
  package let configuration: RunConfiguration
  package let data: Splits
  package let network: Network

  package init(_ configuration: RunConfiguration) throws(Failure) {
    try self.init(configuration, data: configuration.data.load(seed: configuration.seed))
  }

  /// An experiment on given data instead of those that the configuration names.
  package init(_ configuration: RunConfiguration, data: Splits) throws(Failure) {
    self.configuration = configuration
    self.data = data
    network = try Network(
      configuration.settings, sample: Shape(data.training.shape),
      labels: .classes(data.training.classes.count))
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
}
