internal import Datasets
internal import Diagnostics
internal import Foundation
internal import Training

/// What two networks play for, and how each learns: a configuration but for the samples.
struct Game {
  let generator: String
  let generatorRule: Rule
  let critic: String
  let criticRule: Rule
  /// The loss and what belongs to it.
  let terms: String
  let criticSteps: Int
  let seed: UInt64
  /// Whether the critic answers with the logarithm of the odds, in place of a probability.
  let scoresAreLogOdds: Bool

  /// The experiment that trains both on samples, batch by batch.
  func experiment(
    on samples: Datasets.Dataset, batch: Int, noiseSize: Int
  ) throws(Failure) -> Experiment {
    try Experiment(
      RunConfiguration(text: text(batch: batch, noiseSize: noiseSize), source: "GAN"),
      data: Splits(training: samples, test: nil, validation: .none, seed: seed))
  }

  /// The samples are given later, so what is said of data here is but the size of a step.
  private func text(batch: Int, noiseSize: Int) -> String {
    """
    name: gan
    seed: \(seed)
    data: {dataset: digits, batch: \(batch)}
    generator: \(generator)
    critic: \(critic)
    adversarial: {\(terms), critic_steps: \(criticSteps), noise: \(noiseSize)}
    optimizer:
      generator: \(generatorRule.text(stepFactor: 1))
      critic: \(criticRule.text(stepFactor: 1))
    """
  }

  /// The critic's answer as the loss function takes it.
  func value(of score: Float) -> Float { scoresAreLogOdds ? 1 / (1 + exp(-score)) : score }
}
