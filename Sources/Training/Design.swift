package import Datasets
package import Diagnostics
internal import Graphs
package import Networks

/// An experiment before its samples are there: enough to say what it will do and what it takes.
package struct Design: Sendable {
  package let configuration: RunConfiguration
  package let data: Splits.Outline
  package let network: Network
  package let measures: [Measure]

  /// A dataset that lies in files is prepared here if its `cache` is not known.
  package init(_ configuration: RunConfiguration, cache: String? = nil) throws(Failure) {
    try self.init(
      configuration, configuration.data.outline(seed: configuration.seed, cache: cache))
  }

  init(_ configuration: RunConfiguration, _ data: Splits.Outline) throws(Failure) {
    self.configuration = configuration
    // Samples that are drawn or read are cut in the same way by the experiment.
    let data =
      configuration.schedule.overfitBatches.map { data.first($0 * configuration.data.batch) }
      ?? data
    self.data = data
    network = try Network(
      configuration.settings, sample: Shape(data.training.shape), labels: data.training.labels,
      isWeighted: data.training.isWeighted)
    measures = try configuration.measures(of: network.labels)
    try configuration.schedule.checkFigures(measures)
    try configuration.checkExport(of: network)
    // What is wrong with a schedule shows only beside the length of an epoch.
    _ = try configuration.learningRates(stepsPerEpoch: sampler.stepsPerEpoch)
  }

  package var sampler: Sampler {
    guard configuration.schedule.overfitBatches == nil else {
      return Sampler(
        count: data.training.count, batch: configuration.data.batch, order: .sequential)
    }
    return configuration.data.sampler(over: data.training.count, seed: configuration.seed)
  }

  /// The numbers of samples that a shard has in training, the most first.
  var shardSizes: [Int] {
    let layout = configuration.layout
    return Set(sampler.batchSizes.flatMap { layout.sizes(in: $0) }).sorted(by: >)
  }

  /// How programs receive the samples.
  ///
  /// Any numbers but 0 and 1 stand for those that are measured on samples that are not there yet.
  var input: SampleInput {
    let normalisation =
      data.training.normalisation ?? Normalisation(scale: 0.5, mean: 0.5, deviation: 0.5)
    return SampleInput(data.training.number, normalisation)
  }
}

extension Dataset.Outline {
  /// What its targets are to a network.
  var labels: LabelKind {
    switch targets {
    case .classes(let count): .classes(count)
    case .values(let width): .values(width)
    }
  }
}
