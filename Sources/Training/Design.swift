internal import Checkpoints
internal import Configuration
package import Datasets
package import Diagnostics
package import Graphs
package import Networks
package import Reports

/// An experiment before its samples are there: enough to say what it will do and what it takes.
package struct Design: Sendable {
  package let configuration: RunConfiguration
  package let data: Splits.Outline
  /// What is followed beside the loss.
  package let metrics: [Metric]
  /// The networks that are trained, in the order of their turns.
  package let learners: [Learner]
  /// Of the parameters of all networks.
  package let layout: TensorLayout
  /// Whose turn a step is.
  package let cycle: Cycle
  private let subject: Subject

  /// What is trained.
  private enum Subject {
    case network(Network)
    case adversaries(Adversaries)
  }

  /// A dataset that lies in files is prepared here if its `cache` is not known.
  package init(_ configuration: RunConfiguration, cache: String? = nil) throws(Failure) {
    try self.init(
      configuration, configuration.data.outline(seed: configuration.seed, cache: cache))
  }

  init(_ configuration: RunConfiguration, _ data: Splits.Outline) throws(Failure) {
    self.configuration = configuration
    // Samples that are drawn or read are cut in the same way by the experiment.
    var data =
      configuration.schedule.overfitBatches.map { data.first($0 * configuration.data.batch) }
      ?? data
    if configuration.isAdversarial { data = data.withoutValidation }
    self.data = data
    let (settings, sample) = (configuration.settings, Shape(data.training.shape))
    let input = Design.input(data.training)
    let programs: [Learner.Programs]
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
      programs = Learner.programs(of: adversaries, input)
    } else {
      let network = try Network(
        settings, sample: sample, targets: TargetType(data),
        fields: data.training.namedFields.map { TargetType.NamedField($0) },
        isWeighted: data.training.isWeighted)
      subject = .network(network)
      if configuration.isFile, let openNorm = network.openNorm { throw openNorm }
      cycle = Cycle([1])
      _ = try configuration.exportedModel(of: network)
      metrics = try configuration.schedule.metrics(of: network)
      programs = Learner.programs(of: network, input)
    }
    try configuration.schedule.checkFigures(metrics)
    // What is wrong with a schedule shows only beside the length of an epoch.
    let course = Course(Design.sampler(configuration, over: data.training.count), cycle)
    var learners: [Learner] = []
    for (number, programs) in programs.enumerated() {
      learners.append(
        Learner(
          number: number, programs, from: learners.last?.elements.upperBound ?? 0,
          optimizer: configuration.optimizers[number],
          learningRates: try configuration.learningRates(
            of: number, stepsPerEpoch: course.stepsPerEpoch),
          loss: metrics.firstIndex(of: .generatorLoss).flatMap {
            number > 0 ? Metrics.entry(ofMetric: $0) : nil
          } ?? Metrics.loss))
    }
    self.learners = learners
    layout = learners.flatMap(\.parameters).layout
  }

  /// The network of a run that trains one.
  package var network: Network {
    guard case .network(let network) = subject else {
      preconditionFailure("an adversarial run has two networks")
    }
    return network
  }

  /// The networks of an adversarial run; nil in any other.
  package var adversaries: Adversaries? {
    if case .adversaries(let adversaries) = subject { adversaries } else { nil }
  }

  /// Those of all networks, from what goes in to what comes out.
  package var layers: [LayerSummary] {
    switch subject {
    case .network(let network): network.layers
    case .adversaries(let adversaries): adversaries.layers
    }
  }

  package var course: Course { Course(sampler, cycle) }

  package var sampler: Sampler {
    Design.sampler(configuration, over: data.training.count)
  }

  private static func sampler(_ configuration: RunConfiguration, over count: Int) -> Sampler {
    guard configuration.schedule.overfitBatches == nil else {
      return Sampler(count: count, batch: configuration.data.batch, order: .sequential)
    }
    return configuration.data.sampler(over: count, seed: configuration.seed)
  }

  /// The numbers of samples that a shard has in training, the most first.
  var shardSizes: [Int] {
    let layout = configuration.layout
    return Set(sampler.batchSizes.flatMap { layout.sizes(in: $0) }).sorted(by: >)
  }

  /// How programs receive the samples.
  ///
  /// Any numbers but 0 and 1 stand for those that are measured on samples that are not there yet.
  var input: SampleInput { Design.input(data.training) }

  private static func input(_ data: Dataset.Outline) -> SampleInput {
    let normalisation =
      data.normalisation ?? Normalisation(scale: 0.5, mean: 0.5, deviation: 0.5)
    return SampleInput(data.number, normalisation)
  }
}
