internal import Configuration
package import Datasets
package import Diagnostics
package import Graphs
package import Networks
package import Reports

/// A compiled experiment and its dataset.
package struct Experiment: Sendable {
  package let compiled: CompiledExperiment
  package let data: Splits

  /// Loads the dataset; reads files into a cache if `cache` is nil.
  ///
  /// `known` is the coding that a trained network expects.
  package init(
    _ configuration: RunConfiguration, cache: String? = nil, as known: KnownCoding? = nil
  ) throws(Failure) {
    try self.init(
      configuration,
      data: configuration.data.load(seed: configuration.seed, cache: cache, as: known))
  }

  /// An experiment on `data` instead of the dataset of the configuration.
  package init(_ configuration: RunConfiguration, data: Splits) throws(Failure) {
    let configuration = try configuration.fitted(to: data.training.count)
    let data =
      configuration.schedule.overfitBatches.map { data.first($0, of: configuration) } ?? data
    self.data = data
    compiled = try CompiledExperiment(configuration, data.outline)
    guard !configuration.isAdversarial else { return }
    try data.checkIndices(compiled.network.indexLimits)
    try data.checkLengths(compiled.network.lengthLimits)
    for one in compiled.network.outputs {
      if let field = one.output.target, let range = one.fieldRange {
        try data.check(field, within: range, for: one.output)
      } else if one.output.target == nil, let range = one.targetRange {
        try configuration.data.checkTargets(of: data, within: range, for: one.output.loss.name)
      }
    }
  }

  package var configuration: RunConfiguration { compiled.configuration }
  package var network: Network { compiled.network }
  package var parameterGroups: [ParameterGroup] { compiled.parameterGroups }
  package var layout: TensorLayout { compiled.layout }
  package var batches: BatchSchedule { compiled.batches }
  package var sampler: Sampler { compiled.sampler }

  /// Whether its loss is that of the tokens of a text, in nats.
  package var measuresText: Bool { network.outputs.count == 1 && network.outputs[0].isOfText }

  /// The metrics beside the loss.
  package var metrics: [Metric] { compiled.metrics }

  /// The metrics of an evaluation: those of `names`, or else those of the run and what the data
  /// allow of those that say most.
  package func metrics(evaluating names: [String]?) throws(Failure) -> [Metric] {
    try configuration.schedule.metrics(of: network, evaluating: names) { targets in
      switch targets {
      case .classes(let count, _):
        // Letters are no classes to tell apart, and of many classes or pixels an order takes long.
        let isPlain = !data.training.outline.isText && !data.training.outline.isTranslation
        let numbers = count * data.test.count * max(1, network.outputs[0].targets.shape.count)
        return (isPlain && count > 1 ? ["precision", "recall", "f1", "log_loss"] : [])
          + (isPlain && count > 1 ? ["calibration_error"] : [])
          + (isPlain && numbers <= Experiment.rankedLimit ? ["auc"] : [])
      case .values(_, _, areLabels: true):
        return ["accuracy", "precision", "recall", "f1", "auc", "log_loss", "calibration_error"]
      case .values: return ["mae", "rmse", "r2", "median_error", "mape"]
      }
    }
  }

  /// How often an evaluation draws its samples again for intervals: `wanted`, or a usual number
  /// where that takes seconds; 0 where a sample has targets at many places.
  package func draws(wanted: Int?) throws(Failure) -> Int {
    let targets = network.outputs[0].targets
    let isPlain =
      network.outputs.count == 1 && targets.text == nil
      && targets.shape.rank == (targets.classes == nil ? 1 : 0)
    guard isPlain || wanted ?? 0 == 0 else {
      throw Failure(
        .usage,
        "--bootstrap: intervals are for one output with a class or a row of targets a sample: leave"
          + " it out")
    }
    let usual = 1000
    let isQuick = data.test.count * targets.outputs.count <= Experiment.resampledLimit / usual
    return wanted ?? (isPlain && isQuick ? usual : 0)
  }

  /// The most numbers that are looked at for intervals without being asked to.
  private static let resampledLimit = 2_000_000_000

  /// The most probabilities that an evaluation sorts without being asked to.
  private static let rankedLimit = 20_000_000

  /// Whether each epoch ends with a validation.
  var validates: Bool { !configuration.isAdversarial && data.validation != nil }

  /// The metric whose best value marks a checkpoint, nil if none is marked.
  ///
  /// The metric of early stopping counts only if there is a validation set.
  package var bestMetric: String? {
    let schedule = configuration.schedule
    return schedule.bestMetric ?? (validates ? schedule.earlyStop?.metric : nil)
  }

  /// The inputs and metrics of a network's shards.
  ///
  /// `noise` replaces random noise.
  func task(
    of group: ParameterGroup, on loader: BatchLoader, noise: NoiseBuffer? = nil
  ) -> any ShardTask {
    guard let adversaries = compiled.adversaries else { return SupervisedTask(loader, self) }
    let noiseSource = NoiseSource(adversaries.settings, seed: configuration.seed, noise: noise)
    return AdversarialTask(
      reading: group.name == Adversaries.Name.critic ? loader : nil, noiseSource, metrics,
      loss: group.loss)
  }
}

extension Dataset {
  /// The program's input for the targets, nil if the samples have none.
  var targetInput: String? {
    switch targets {
    case .classes, .next: "labels"
    case .values: "targets"
    case .none: nil
    }
  }
}

extension Splits {
  /// The samples of the first `batches` of the first epoch, for training and validation.
  func first(_ batches: Int, of configuration: RunConfiguration) -> Splits {
    var sampler = configuration.data.sampler(over: training.count, seed: configuration.seed)
    let samples = (0..<min(batches, sampler.stepsPerEpoch))
      .flatMap { sampler.batch(atStep: $0).samples }
    // Streams stay what they are: the first batches of all positions.
    let some = training.selecting(configuration.data.hasStreams ? samples.sorted() : samples)
    return Splits(training: some, test: some, validation: .test, seed: configuration.seed)
  }
}

extension Splits.Outline {
  /// The outline of `first(_:of:)`.
  func first(_ samples: Int) -> Splits.Outline {
    let some = training.first(samples)
    return Splits.Outline(
      training: some, validation: some, test: some, hasTestSet: true, watchesTestSet: true)
  }
}
