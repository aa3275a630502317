package import Checkpoints
package import Configuration
internal import Diagnostics
internal import ModelFiles
internal import Networks
internal import Reports

/// The `train` section: the length of a run, its metrics and its checkpoints.
package struct TrainingSchedule: Sendable {
  private let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  // MARK: Length

  /// The number of steps of the whole run.
  package func steps(perEpoch: Int) -> Int {
    if let steps = settings.optionalInteger("steps") { return steps }
    let (steps, overflow) = (settings.optionalInteger("epochs") ?? 1)
      .multipliedReportingOverflow(by: perEpoch)
    return overflow ? .max : steps
  }

  /// The time after which a run stops; it can be resumed.
  package var maxTime: Timespan? { settings.optionalTimespan("max_time") }

  package var earlyStop: EarlyStop? { settings.optionalSection("early_stop").map { EarlyStop($0) } }

  /// The format to which checkpoints are exported.
  package var export: ExportFormat? { settings.optionalSection("export")?.choice("format") }

  /// The weight layout of an exported model file of Neuron 1, if it is given.
  var exportLayout: WeightLayout? {
    settings.optionalSection("export")?.optionalChoice("layout")
  }

  // MARK: Samples, weights and metrics

  /// The number of batches to overfit.
  package var overfitBatches: Int? { settings.optionalInteger("overfit_batches") }

  package var initialWeights: InitialWeights? {
    settings.optionalSection("init_from").map { InitialWeights($0) }
  }

  /// The metrics beside the loss; of several outputs, the loss and the metrics of each.
  func metrics(of network: Network) throws(Failure) -> [Metric] {
    let own = settings.optionalValue("metrics")?.list.map(\.text)
    guard let first = network.outputs.first, !first.name.isEmpty else {
      return try metrics(of: network.outputs[0], named: own) { (message) throws(Failure) in
        throw settings.failure(at: "metrics", message)
      }
    }
    guard own == nil else {
      throw settings.failure(
        at: "metrics", "each of several outputs has metrics of its own: give them in outputs")
    }
    var all: [Metric] = []
    for output in network.outputs {
      let metrics = try metrics(of: output, named: output.output.metrics) {
        (message) throws(Failure) in throw output.output.metricsFailure(message)
      }
      all += ([.loss(weight: output.output.weight)] + metrics).map { $0.of(output: output.name) }
    }
    return all
  }

  /// The metrics of an output by their names, or those that suit its targets.
  private func metrics(
    of output: NetworkOutput, named names: [String]?,
    _ refuse: (String) throws(Failure) -> Never
  ) throws(Failure) -> [Metric] {
    guard let names else {
      if output.targets.classes != nil {
        return [.top(1)] + (output.isOfText ? [.perplexity] : [])
          + (output.coversText ? [.bitsPerByte] : [])
      }
      if output.output.target != nil { return [.meanAbsoluteError] }
      // Targets are probabilities of classes, so the most probable class is compared.
      return output.output.loss is CrossEntropy
        ? [.match] : [.meanAbsoluteError, .determination]
    }
    var metrics: [Metric] = []
    let targets = Metric.Targets(output)
    for name in names {
      guard let metric = Metric(name, fitting: targets) else {
        try refuse("unknown metric '\(name)'\(Suggestion.hint(for: name, among: Metric.names))")
      }
      if let misfit = metric.misfit(targets, "\(output.targets)") { try refuse(misfit) }
      guard !metrics.contains(metric) else { try refuse("\(name) is listed twice") }
      metrics.append(metric)
    }
    return metrics
  }

  /// The metrics of a network's evaluation: those of the run, or those with these names.
  func metrics(
    of network: Network, evaluating names: [String]?, orElse standard: (Metric.Targets) -> [String]
  ) throws(Failure) -> [Metric] {
    let own = try metrics(of: network)
    guard let output = network.outputs.first, output.name.isEmpty else {
      guard names == nil else {
        throw Failure(
          .usage, "--metrics: the network has several outputs, each with metrics of its own")
      }
      return own
    }
    let targets = Metric.Targets(output)
    guard let names else {
      // The standard ones are those that the targets allow.
      return own
        + standard(targets).compactMap { Metric($0, fitting: targets) }
        .filter { $0.misfit(targets, "") == nil && !own.contains($0) }
    }
    return try metrics(of: output, named: names) { (message) throws(Failure) in
      throw Failure(.usage, "--metrics: \(message)")
    }
  }

  /// What the threshold between two classes is chosen by; nil if the more probable is chosen.
  var threshold: ThresholdGoal? { settings.optionalChoice("threshold") }

  /// Throws if a threshold is to be chosen where there is nothing to choose.
  func checkThreshold(of network: Network, validates: Bool) throws(Failure) {
    guard threshold != nil else { return }
    guard network.outputs.count == 1, let output = network.outputs.first,
      output.targets.classes == 2, output.givesProbabilities, output.output.target == nil
    else {
      throw settings.failure(
        at: "threshold",
        "is between two classes, of one output that gives their probabilities: leave it out")
    }
    guard validates else {
      throw settings.failure(
        at: "threshold", "is chosen on a validation set, and there is none: see data.validation")
    }
  }

  /// The metrics of an adversarial run beside the critic's loss.
  func metrics(of loss: AdversarialLoss) throws(Failure) -> [Metric] {
    guard settings.optionalValue("metrics") == nil else {
      throw settings.failure(
        at: "metrics", "mean nothing in an adversarial run, which follows its own: leave them out")
    }
    return switch loss {
    case .wassersteinGP: [.generatorLoss, .wasserstein, .gradientNorm, .gradientPenalty]
    case .wassersteinClip: [.generatorLoss, .wasserstein]
    case .minimax, .nonSaturating, .hinge: [.generatorLoss, .criticAccuracy]
    }
  }

  // MARK: Checkpoints

  private var checkpoint: Settings { settings.section("checkpoint") }

  /// Whether a checkpoint is due after `steps`.
  package func savesCheckpoint(after steps: Int, perEpoch: Int) -> Bool {
    let every = checkpoint.timespan("every")
    return switch every.unit {
    case .epochs: steps % (every.count * perEpoch) == 0
    case .steps: steps % every.count == 0
    case .seconds, .minutes, .hours: false
    }
  }

  /// The interval of checkpoints in seconds, if it is a time.
  package var secondsBetweenCheckpoints: Int? { checkpoint.timespan("every").seconds }

  // MARK: Records for people

  /// Whether the run writes `report.html`.
  package var writesReport: Bool { settings.boolean("report") }

  /// Whether it writes event files of TensorBoard.
  package var writesEvents: Bool { settings.boolean("tensorboard") }

  /// Whether layers and samples are looked at after epochs.
  package var isObserved: Bool { writesReport || writesEvents }

  /// Whether some steps have lines of their own.
  var logsSteps: Bool { settings.optionalTimespan("log_every") != nil }

  /// Whether the step that leads to `steps` has a line of its own.
  func logsStep(_ steps: Int) -> Bool {
    settings.optionalTimespan("log_every").map { steps % $0.count == 0 } ?? false
  }

  private var samples: Settings? { settings.optionalSection("samples") }

  /// Whether samples or texts are written during the run.
  var writesSamples: Bool { samples != nil }

  /// The number of samples or texts, if it is given.
  var sampleCount: Int? { samples?.optionalInteger("count") }

  /// What texts begin with, and how many tokens follow, where they are given.
  var samplePrompt: String? { samples?.optionalText("prompt") }
  var sampleLength: Int? { samples?.optionalInteger("length") }

  /// Whether samples are due after `steps`.
  func writesSamples(after steps: Int, perEpoch: Int) -> Bool {
    guard let every = samples?.timespan("every") else { return false }
    return steps % (every.unit == .epochs ? every.count * perEpoch : every.count) == 0
  }

  package var keep: Int { checkpoint.integer("keep") }

  /// The metric that `checkpoint.best` names.
  var bestMetric: String? { checkpoint.optionalText("best") }

  // MARK: Checks

  /// Throws if both epochs and steps are given.
  func check() throws(Failure) {
    guard settings.optionalInteger("steps") != nil, settings.optionalInteger("epochs") != nil
    else { return }
    throw settings.failure(
      at: "steps", "epochs and steps both say how long to train: leave one out, or set it to null")
  }

  /// Throws if samples are asked for of a network that makes none, or texts of a generator.
  func checkSamples(isAdversarial: Bool, continuesTexts: Bool) throws(Failure) {
    guard let samples else { return }
    guard isAdversarial || continuesTexts else {
      throw settings.failure(
        at: "samples",
        "expected a generator or a network that continues a text, and this one answers: leave them "
          + "out")
    }
    guard isAdversarial else { return }
    for key in ["prompt", "length"] where samples.optionalValue(key) != nil {
      throw samples.failure(at: key, "is for texts, and a generator makes samples: leave it out")
    }
  }

  /// Throws if `checkpoint.best` or `early_stop` name an unknown metric.
  func checkMetrics(_ metrics: [Metric], validates: Bool) throws(Failure) {
    try checkpoint.checkMetric("best", metrics, validates: validates)
    try earlyStop?.check(metrics, validates: validates)
  }
}
