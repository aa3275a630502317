internal import Checkpoints
internal import Configuration
package import Datasets
package import Diagnostics
package import Graphs
package import Networks
package import Reports

/// An experiment without its samples: networks, metrics and schedules, fitted to a dataset's
/// outline.
package struct CompiledExperiment: Sendable {
  package let configuration: RunConfiguration
  package let data: Splits.Outline
  /// The metrics beside the loss.
  package let metrics: [Metric]
  /// A group for each network, in the order of the cycle.
  package let parameterGroups: [ParameterGroup]
  /// The layout of the parameters of all networks.
  package let layout: TensorLayout
  package let cycle: Cycle
  private let subject: Subject

  private enum Subject {
    case network(Network)
    case adversaries(Adversaries)
  }

  /// Reads the outline of the dataset; reads files into a cache if `cache` is nil.
  package init(_ configuration: RunConfiguration, cache: String? = nil) throws(Failure) {
    try self.init(
      configuration, configuration.data.outline(seed: configuration.seed, cache: cache))
  }

  package init(
    _ configuration: RunConfiguration, _ data: Splits.Outline
  ) throws(Failure) {
    let configuration = try configuration.fitted(to: data.training.count)
    self.configuration = configuration
    // `Experiment` cuts the samples in the same way.
    var data =
      configuration.schedule.overfitBatches.map { data.first($0 * configuration.data.batch) }
      ?? data
    if configuration.isAdversarial { data = data.withoutValidation }
    self.data = data
    let (settings, sample) = (configuration.settings, Shape(data.training.shape))
    let input = SampleInput(data.training)
    let programs: [ParameterGroup.Programs]
    if configuration.isAdversarial {
      let adversaries = try Adversaries(settings, sample: sample)
      guard !data.training.isWeighted else {
        throw settings.section("data").failure(
          at: "weights", "mean nothing in an adversarial run: leave them out")
      }
      guard configuration.schedule.export != .smodel else {
        throw settings.section("train").failure(
          at: "export", "a model file holds one network, this run has two: use h5")
      }
      subject = .adversaries(adversaries)
      if configuration.isFile, let openNorm = adversaries.openNorm { throw openNorm }
      cycle = Cycle([adversaries.settings.criticSteps, 1])
      metrics = try configuration.schedule.metrics(of: adversaries.settings.loss)
      programs = ParameterGroup.programs(of: adversaries, input)
    } else {
      let network = try Network(
        settings, sample: sample, targets: TargetType(data),
        fields: [TargetType.NamedField](
          data.training.namedFields, besideSamplesOf: data.training.shape, input),
        isWeighted: data.training.isWeighted)
      subject = .network(network)
      if let state = network.states.first { try configuration.data.checkStreams(for: state.name) }
      if configuration.isFile, let openNorm = network.openNorm { throw openNorm }
      cycle = Cycle([1])
      _ = try configuration.exportedModel(of: network)
      metrics = try configuration.schedule.metrics(of: network)
      try configuration.schedule.checkThreshold(of: network, validates: data.validation != nil)
      programs = ParameterGroup.programs(of: network, input)
    }
    try configuration.schedule.checkSamples(
      isAdversarial: configuration.isAdversarial,
      continuesTexts: data.training.isText && !data.training.isMasked)
    try configuration.schedule.checkMetrics(metrics, validates: data.validation != nil)
    // Schedules can be checked only with the length of an epoch.
    let batches = BatchSchedule(
      CompiledExperiment.sampler(configuration, over: data.training.count), cycle)
    var parameterGroups: [ParameterGroup] = []
    for (number, programs) in programs.enumerated() {
      parameterGroups.append(
        ParameterGroup(
          number: number, programs, from: parameterGroups.last?.elements.upperBound ?? 0,
          optimizer: configuration.optimizers[number],
          learningRates: try configuration.learningRates(
            of: number, stepsPerEpoch: batches.stepsPerEpoch),
          loss: metrics.firstIndex(of: .generatorLoss).flatMap {
            number > 0 ? Metrics.entry(ofMetric: $0) : nil
          } ?? Metrics.loss))
    }
    self.parameterGroups = parameterGroups
    layout = parameterGroups.flatMap(\.parameters).layout
  }

  /// The network of a run that trains one.
  package var network: Network {
    guard case .network(let network) = subject else {
      preconditionFailure("an adversarial run has two networks")
    }
    return network
  }

  /// The states that layers carry from batch to batch.
  var states: [CarriedState] {
    if case .network(let network) = subject { network.states } else { [] }
  }

  /// The networks of an adversarial run; nil in any other.
  package var adversaries: Adversaries? {
    if case .adversaries(let adversaries) = subject { adversaries } else { nil }
  }

  /// The layers of all networks, from inputs to outputs.
  package var layers: [LayerSummary] {
    switch subject {
    case .network(let network): network.layers
    case .adversaries(let adversaries): adversaries.layers
    }
  }

  package var batches: BatchSchedule { BatchSchedule(sampler, cycle) }

  package var sampler: Sampler {
    CompiledExperiment.sampler(configuration, over: data.training.count)
  }

  private static func sampler(_ configuration: RunConfiguration, over count: Int) -> Sampler {
    guard configuration.schedule.overfitBatches == nil || configuration.data.hasStreams else {
      return Sampler(count: count, batch: configuration.data.batch, order: .sequential)
    }
    return configuration.data.sampler(over: count, seed: configuration.seed)
  }

  /// The sizes of training shards, the largest first.
  var shardSizes: [Int] {
    let layout = configuration.layout
    return Set(sampler.batchSizes.flatMap { layout.sizes(in: $0) }).sorted(by: >)
  }

  /// The number type and normalisation of the samples that programs read.
  package var input: SampleInput { SampleInput(data.training) }
}

extension SampleInput {
  /// Before they are measured, any mean and deviation other than 0 and 1 will do.
  init(_ data: Dataset.Outline) {
    self.init(
      data.number, data.normalisation ?? Normalisation(scale: 0.5, mean: 0.5, deviation: 0.5))
  }
}
