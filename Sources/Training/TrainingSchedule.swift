package import Checkpoints
package import Configuration
internal import Diagnostics
internal import ModelFiles
internal import Networks
internal import Reports

/// The `train` section: how long a run is, what it follows, and which checkpoints it leaves.
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

  /// After how many seconds a run ends for now.
  package var maxTime: Timespan? { settings.optionalTimespan("max_time") }

  package var earlyStop: EarlyStop? { settings.optionalSection("early_stop").map { EarlyStop($0) } }

  /// What stands beside the checkpoints, with the weights of the newest.
  package var export: ExportFormat? { settings.optionalSection("export")?.choice("format") }

  /// How the weights of a model file of Neuron 1 are to lie, where that was said.
  var exportLayout: WeightLayout? {
    settings.optionalSection("export")?.optionalChoice("layout")
  }

  // MARK: What is trained

  /// The number of batches that are all there is to learn.
  package var overfitBatches: Int? { settings.optionalInteger("overfit_batches") }

  package var initialWeights: InitialWeights? {
    settings.optionalSection("init_from").map { InitialWeights($0) }
  }

  /// What is followed beside the loss.
  func metrics(of network: Network, loss: String) throws(Failure) -> [Metric] {
    guard let names = settings.optionalValue("metrics")?.list.map(\.text) else {
      if network.targets.classes != nil { return [.top(1)] }
      if network.targetField != nil { return [.meanAbsoluteError] }
      // Probabilities of classes are right where the most probable class is.
      return loss == LossKind.crossEntropy.rawValue
        ? [.match] : [.meanAbsoluteError, .determination]
    }
    var metrics: [Metric] = []
    let targets = Metric.Targets(network)
    for name in names {
      guard let metric = Metric(name)?.fitted(to: targets) else {
        let hint = Suggestion.hint(for: name, among: Metric.names)
        throw settings.failure(at: "metrics", "unknown metric '\(name)'\(hint)")
      }
      if let misfit = metric.misfit(targets, "\(network.targets)") {
        throw settings.failure(at: "metrics", misfit)
      }
      guard !metrics.contains(metric) else {
        throw settings.failure(at: "metrics", "\(name) is listed twice")
      }
      metrics.append(metric)
    }
    return metrics
  }

  /// What is followed beside the critic's loss.
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

  /// Whether a checkpoint is due after so many steps.
  package func savesCheckpoint(after steps: Int, perEpoch: Int) -> Bool {
    let every = checkpoint.timespan("every")
    return switch every.unit {
    case .epochs: steps % (every.count * perEpoch) == 0
    case .steps: steps % every.count == 0
    case .seconds, .minutes, .hours: false
    }
  }

  /// The seconds after which a checkpoint is due, if the clock decides.
  package var secondsBetweenCheckpoints: Int? { checkpoint.timespan("every").seconds }

  // MARK: Samples

  private var samples: Settings? { settings.optionalSection("samples") }

  /// How many samples are shown while a run goes on; nil if none are.
  package var sampleCount: Int? { samples?.integer("count") }

  /// Whether samples are due after so many steps.
  func showsSamples(after steps: Int, perEpoch: Int) -> Bool {
    guard let every = samples?.timespan("every") else { return false }
    return steps % (every.unit == .epochs ? every.count * perEpoch : every.count) == 0
  }

  package var keep: Int { checkpoint.integer("keep") }

  /// The metric that `checkpoint.best` names.
  var bestFigure: String? { checkpoint.optionalText("best") }

  // MARK: Checks

  /// Both lengths at once contradict each other.
  func check() throws(Failure) {
    guard settings.optionalInteger("steps") != nil, settings.optionalInteger("epochs") != nil
    else { return }
    throw settings.failure(
      at: "steps", "epochs and steps both say how long to train: leave one out, or set it to null")
  }

  /// Refuses samples of a run that makes none.
  func checkSamples(isAdversarial: Bool) throws(Failure) {
    guard samples != nil, !isAdversarial else { return }
    throw settings.failure(
      at: "samples", "mean nothing where no generator makes any: leave them out")
  }

  /// Figures that decide must be known.
  func checkFigures(_ metrics: [Metric]) throws(Failure) {
    try checkpoint.checkFigure("best", metrics)
    try earlyStop?.check(metrics)
  }
}
