internal import Configuration
package import Datasets
package import Diagnostics
package import Graphs
package import Networks
package import Reports

/// A configuration together with its data and the network that fits it: ready to be run.
package struct Experiment: Sendable {
  package let design: Design
  package let data: Splits

  /// A dataset that lies in files is prepared here if its `cache` is not known; `known` is how a network
  /// knows its data.
  package init(
    _ configuration: RunConfiguration, cache: String? = nil, as known: KnownCoding? = nil
  ) throws(Failure) {
    try self.init(
      configuration,
      data: configuration.data.load(seed: configuration.seed, cache: cache, as: known))
  }

  /// An experiment on given data instead of those that the configuration names.
  package init(_ configuration: RunConfiguration, data: Splits) throws(Failure) {
    let data =
      configuration.schedule.overfitBatches.map { data.first($0, of: configuration) } ?? data
    self.data = data
    design = try Design(configuration, data.outline)
    guard !configuration.isAdversarial else { return }
    if let limit = design.network.indexLimit { try data.checkIndices(below: limit) }
    for one in design.network.outputs {
      if let field = one.output.target, let range = one.fieldRange {
        try data.check(field, within: range, for: one.output)
      } else if one.output.target == nil, let range = one.targetRange {
        try configuration.data.checkTargets(of: data, within: range, for: one.output.loss.name)
      }
    }
  }

  package var configuration: RunConfiguration { design.configuration }
  package var network: Network { design.network }
  package var learners: [Learner] { design.learners }
  package var layout: TensorLayout { design.layout }
  package var course: Course { design.course }
  package var sampler: Sampler { design.sampler }

  /// How programs receive the samples.
  package var input: SampleInput { design.input }

  /// What is followed beside the loss.
  package var metrics: [Metric] { design.metrics }

  /// Whether epochs are scored on other samples than those of training.
  var validates: Bool { !configuration.isAdversarial && data.validation != nil }

  /// The metric whose best value marks a checkpoint, nil where the newest counts.
  ///
  /// Early stopping needs one that it can judge by what was not trained on.
  package var bestFigure: String? {
    let schedule = configuration.schedule
    return schedule.bestFigure ?? (validates ? schedule.earlyStop?.figure : nil)
  }

  /// What shards do for a network that is trained; noise may be given.
  func task(
    of learner: Learner, on loader: BatchLoader, noise: GivenNoise? = nil
  ) -> any ShardTask {
    guard let adversaries = design.adversaries else { return SupervisedTask(loader, self) }
    let draws = Draws(adversaries.settings, seed: configuration.seed, noise: noise)
    return learner.name == Adversaries.Name.critic
      ? CriticTask(loader, draws, metrics) : GeneratorTask(draws, metrics, loss: learner.loss)
  }
}

extension Dataset {
  /// The input of a program that receives the targets, if the samples have answers.
  var targetInput: String? {
    switch targets {
    case .classes: "labels"
    case .values: "targets"
    case .none: nil
    }
  }
}
