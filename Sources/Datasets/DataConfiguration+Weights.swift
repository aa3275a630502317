internal import Configuration
internal import Diagnostics

extension DataConfiguration {
  /// Whether all classes weigh the same in training.
  package var hasBalancedWeights: Bool { settings.optionalValue("weights") == .choice("balanced") }

  /// The sets with weights by class, where the configuration balances them.
  ///
  /// The loss of other sets is as it is without: their weights are 1.
  func balanced(_ splits: Splits) throws(Failure) -> Splits {
    guard hasBalancedWeights else { return splits }
    guard let counts = splits.training.classCounts?.counts else {
      throw settings.failure(
        at: "weights",
        "balanced needs one class for each sample, and \(name) has none: leave it out")
    }
    let (samples, classes) = (counts.reduce(0, +), counts.count { $0 > 0 })
    let weights = counts.map { $0 == 0 ? 1 : Float(samples) / Float(classes * $0) }
    let ones = [Float](repeating: 1, count: counts.count)
    return Splits(
      training: splits.training.weighted(byClass: weights),
      validation: splits.validation?.weighted(byClass: ones),
      test: splits.test.weighted(byClass: ones), hasTestSet: splits.hasTestSet)
  }
}
