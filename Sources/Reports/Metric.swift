/// A number beside the loss that a run follows.
///
/// Real targets are compared with what the loss takes the outputs for: probabilities, if it does.
package enum Metric: Hashable, Sendable {
  /// The share of targets whose class is among so many with the greatest values.
  case top(Int)
  /// Over targets and outputs, in the units in which the network learns.
  case meanAbsoluteError
  /// The share of targets whose greatest output stands where the greatest number does; of a single
  /// output, those that are less than a half from it.
  case match
  /// A mean over so many classes: of the targets that are of the class or taken for it, the share
  /// that are both.
  case intersectionOverUnion(classes: Int)
  /// R²: one less the squared error over the variance of the targets, a mean over outputs.
  case determination
  /// Over the samples that were made in steps of the generator.
  case generatorLoss
  /// What the critic gives samples of the data above those that were made: an estimate of the
  /// distance of Wasserstein between them, as far as the critic is at its best.
  case wasserstein
  /// The length of the critic's gradient at points between those samples.
  case gradientNorm
  /// The gradient-penalty term of the critic's loss.
  case gradientPenalty
  /// The share of samples that the critic takes for what they are.
  case criticAccuracy

  package enum Form: Sendable {
    /// A part of the whole, shown in percent.
    case fraction
    case number
  }

  /// The metric of this name, such as `accuracy`, `top5`, `mae`, `r2` or `match`.
  package init?(_ name: String) {
    switch name {
    case "accuracy": self = .top(1)
    case "mae": self = .meanAbsoluteError
    case "r2": self = .determination
    case "iou": self = .intersectionOverUnion(classes: 0)
    case "generator_loss": self = .generatorLoss
    case "wasserstein": self = .wasserstein
    case "gradient_norm": self = .gradientNorm
    case "gradient_penalty": self = .gradientPenalty
    case "critic_accuracy": self = .criticAccuracy
    case "match": self = .match
    default:
      let digits = name.dropFirst(3)
      guard name.hasPrefix("top"), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
        let count = Int(digits), count > 1, "\(count)" == digits
      else { return nil }
      self = .top(count)
    }
  }

  package var name: String {
    switch self {
    case .top(1): "accuracy"
    case .top(let count): "top\(count)"
    case .meanAbsoluteError: "mae"
    case .determination: "r2"
    case .intersectionOverUnion: "iou"
    case .generatorLoss: "generator_loss"
    case .wasserstein: "wasserstein"
    case .gradientNorm: "gradient_norm"
    case .gradientPenalty: "gradient_penalty"
    case .criticAccuracy: "critic_accuracy"
    case .match: "match"
    }
  }

  /// How many classes it is a mean over; 0 where it is one over targets.
  var classes: Int { if case .intersectionOverUnion(let classes) = self { classes } else { 0 } }

  package var isBetterWhenGreater: Bool {
    switch self {
    case .top, .match, .determination, .criticAccuracy, .intersectionOverUnion: true
    case .meanAbsoluteError, .generatorLoss, .wasserstein, .gradientNorm, .gradientPenalty: false
    }
  }

  package var form: Form {
    switch self {
    case .top, .match, .criticAccuracy, .intersectionOverUnion: .fraction
    case .meanAbsoluteError, .determination, .generatorLoss, .wasserstein, .gradientNorm,
      .gradientPenalty:
      .number
    }
  }

  /// The metric, given the mean of what its targets have added.
  func value(ofMean mean: Double) -> Double { self == .determination ? 1 - mean : mean }

  func text(_ value: Double) -> String {
    switch form {
    case .fraction: "\(name) \(value.asPercent)"
    case .number: "\(name) \(value.asShortNumber)"
    }
  }
}
