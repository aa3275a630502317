package import Communication
internal import Configuration
internal import Datasets
package import Diagnostics
package import Reports
package import Training

/// A plan for a language model and a time of training on some ranks.
package struct TrainingPlan: Sendable {
  /// The experiment that was measured.
  private let experiment: Experiment
  private let seconds: Double
  private let ranks: Int
  private let workers: Int
  private let link: Interconnect
  private let budget: TimeBudget
  package let plan: ComputePlan
  /// The steps of a run that sees the planned tokens.
  package let steps: Int

  /// Measures a few steps of an experiment, and plans with their rate.
  ///
  /// Collective.
  package init(
    _ experiment: Experiment, seconds: Double, ranks: Int, workers: Int, link: Interconnect,
    constants: ScalingConstants, on communicator: Communicator
  ) throws(Failure) {
    let forecast = try ScalingForecast(
      experiment, workers: workers, on: communicator, link: link, ranks: [ranks], steps: 10)
    let tokens = experiment.configuration.data.batch * experiment.sequenceLength
    self.experiment = experiment
    self.seconds = seconds
    self.ranks = ranks
    self.workers = forecast.workers
    self.link = link
    budget = TimeBudget(
      seconds: seconds, ranks: ranks, tokensPerStep: tokens,
      rate: ScalingLaw.operations * Double(forecast.parameters * tokens)
        / forecast.rows[0].computing,
      communicating: forecast.communicating)
    plan = budget.plan(constants)
    steps = Int(plan.tokens / Double(tokens))
    guard steps > 0 else {
      throw Failure(
        .usage,
        "option '--budget': the optimum for \(seconds.asDuration) has \(plan.tokens.asCount) "
          + "tokens, fewer than the \(tokens.grouped) of one step: give more time, or make the "
          + "batch smaller with --set data.batch=N")
    }
  }

  /// Throws unless the network predicts the next tokens of a text and is trained from the start.
  package static func requireLanguageModel(_ experiment: Experiment) throws(Failure) {
    guard !experiment.configuration.isAdversarial, experiment.network.modelsLanguage else {
      throw Failure(
        .badConfiguration,
        "'\(experiment.configuration.name)' is no language model: expected a network that predicts "
          + "the next tokens of a text, with the loss cross_entropy")
    }
    let settings = experiment.configuration.settings.section("train")
    guard settings.optionalValue("init_from") == nil else {
      throw settings.failure(
        at: "init_from", "a network of another size cannot begin with these weights: leave it out")
    }
  }

  /// What to consider before the plan is believed.
  package func notes(_ sized: SizedExperiment) -> [String] {
    let tokens = Double(experiment.data.training.count * experiment.sequenceLength)
    let notes = sized.notes + plan.notes
    guard plan.tokens > tokens else { return notes }
    return [
      "the training set has \(tokens.asCount) tokens, so the run would read it "
        + "\((plan.tokens / tokens).formatted(1)) times, and the law holds only for tokens that "
        + "are seen once: get more text"
    ] + notes
  }

  /// What a written configuration says of itself.
  package var origin: String {
    "nn-dist plan: \(plan.parameters.asCount) parameters and \(plan.tokens.asCount) tokens are "
      + "optimal for \(plan.compute.asCompute) FLOP, \(seconds.asDuration) on \(ranks) "
      + (ranks == 1 ? "rank" : "ranks")
  }

  package func lines(_ sized: SizedExperiment, memory: Int) -> [String] {
    let (computing, communicating) = budget.step(parameters: Double(sized.parameters))
    let all = computing + communicating
    return [
      "measured: \((budget.rate / 1e9).formatted(digits: 4)) GFLOP/s of 6 x parameters x tokens on "
        + "\(ranks) \(ranks == 1 ? "rank" : "ranks") of \(workers) "
        + "\(workers == 1 ? "worker" : "workers")"
        + (ranks > 1
          ? ", latency \((1e6 * link.latency).formatted(digits: 3)) microseconds, bandwidth "
            + "\((link.bandwidth / 1e6).formatted(digits: 3)) MB/s" : ""),
      "",
    ] + plan.lines + [
      "",
      "network: \(sized.parameters.grouped) parameters, "
        + "\((100 * (Double(sized.parameters) / plan.parameters - 1)).formatted(1)) % from the "
        + "optimum",
      "training: \(steps.grouped) \(steps == 1 ? "step" : "steps") of "
        + "\(budget.tokensPerStep.grouped) tokens in "
        + "\((all * Double(steps)).asDuration), \((1000 * all).formatted(1)) ms a step, of "
        + "which \((communicating / all).asPercent) communication",
      "memory: \(memory.asBytes) a rank",
    ]
  }

  package func members(_ sized: SizedExperiment, memory: Int) -> [(String, JSONValue)] {
    let (computing, communicating) = budget.step(parameters: Double(sized.parameters))
    return plan.members + [
      (
        "training",
        .object([
          ("budget_seconds", .number(seconds)), ("ranks", .integer(ranks)),
          ("workers", .integer(workers)), ("flops_per_second", .number(budget.rate)),
          ("parameters", .integer(sized.parameters)), ("steps", .integer(steps)),
          ("tokens_per_step", .integer(budget.tokensPerStep)),
          ("seconds", .number((computing + communicating) * Double(steps))),
          ("computing_ms", .number(1000 * computing)),
          ("communicating_ms", .number(1000 * communicating)), ("memory_bytes", .integer(memory)),
        ])
      ),
      ("notes", .array(notes(sized).map { .string($0) })),
    ]
  }
}

extension Experiment {
  /// The tokens of a sample.
  fileprivate var sequenceLength: Int { data.training.shape.first ?? 1 }
}
