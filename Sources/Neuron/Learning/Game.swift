internal import Datasets
internal import Diagnostics
internal import Foundation
internal import Networks
internal import Training

/// What two networks learn from each other, and how: a run but for the samples.
struct Game {
  let generator: LayerList
  let generatorRule: Rule
  let critic: LayerList
  let criticRule: Rule
  let rules: AdversarialSettings
  let seed: UInt64
  /// Whether the critic's answers are the logarithms of odds, and not probabilities.
  let scoresAreLogOdds: Bool

  /// The experiment that trains both on samples, batch by batch.
  func experiment(on samples: Datasets.Dataset, batch: Int) throws(Failure) -> Experiment {
    try Experiment(
      RunConfiguration(
        name: "gan", generator: generator, critic: critic, rules: rules,
        generatorOptimizer: generatorRule.optimizer(stepFactor: 1),
        criticOptimizer: criticRule.optimizer(stepFactor: 1), batch: batch, seed: seed),
      data: Splits(training: samples, test: nil, validation: .none, seed: seed))
  }

  /// The critic's answer as the loss function takes it.
  func value(of score: Float) -> Float { scoresAreLogOdds ? 1 / (1 + exp(-score)) : score }
}
