/// All metrics.
extension Metric {
  static let all: [Metric] =
    ofClasses + ofLabels + ofValues
    + [generatorLoss, wasserstein, gradientNorm, gradientPenalty, criticAccuracy]

  // MARK: Of several outputs

  package static func loss(weight: Double) -> Metric {
    Metric(
      "loss", "the loss of one of several outputs", .number, isBetterWhenGreater: false,
      from: .loss(weight: weight))
  }

  // MARK: Of adversarial runs

  package static let generatorLoss = Metric(
    "generator_loss", "over the samples of the generator's steps", .number,
    isBetterWhenGreater: false, from: .generator)

  package static let wasserstein = Metric(
    "wasserstein",
    "the critic's scores of the data above those of generated samples: an estimate of the"
      + " Wasserstein distance", .number, isBetterWhenGreater: false,
    from: .critic(output: "margins"))

  package static let gradientNorm = Metric(
    "gradient_norm", "the norm of the critic's gradient between those samples", .number,
    isBetterWhenGreater: false, from: .critic(output: "lengths"))

  package static let gradientPenalty = Metric(
    "gradient_penalty", "the gradient-penalty term of the critic's loss", .number,
    isBetterWhenGreater: false, from: .critic(output: "penalties"))

  package static let criticAccuracy = Metric(
    "critic_accuracy", "the share of samples that the critic classifies right", .fraction,
    isBetterWhenGreater: true, from: .critic(output: "hits"))
}

extension Metric {
  /// The names that a configuration can give.
  package static let names: [String] = {
    var names: [String] = []
    for metric in ofClasses + ofLabels + ofValues where !names.contains(metric.name) {
      names.append(metric.name)
    }
    return names + ["top5"]
  }()

  /// What the metrics are, for the reference.
  package static let help: String = {
    /// Those without an average in their name, which stand for the others.
    func list(_ metrics: [Metric]) -> String {
      let endings = Average.allCases.filter { $0 != .standard }.map { "_\($0.rawValue)" }
      return metrics.filter { metric in !endings.contains(where: metric.name.hasSuffix) }
        .map { "\($0.name) (\($0.about))" }.joined(separator: ", ")
    }
    return
      "of classes: \(list(ofClasses)), topK (such as top5); of labels, real targets of 0 or 1 with"
      + " the loss binary_cross_entropy: \(list(ofLabels)); of precision, recall, f1, auc and"
      + " pr_auc also X_macro, X_micro and X_weighted; of real targets, or of probabilities where"
      + " the loss makes some: \(list(ofValues)). auc, pr_auc and median_error are known of"
      + " validation and test sets only"
  }()
}
