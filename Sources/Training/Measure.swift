internal import Networks
internal import Reports

/// A figure beside the loss that a run follows.
///
/// Real targets are compared with what the loss takes the outputs for: probabilities, if it does.
package enum Measure: Hashable, Sendable {
  /// The share of samples whose class is among so many with the greatest values.
  case top(Int)
  /// Over samples and outputs, in the units in which the network learns.
  case meanAbsoluteError
  /// The share of samples whose greatest output stands where the greatest target does; of a single
  /// output, those that are less than a half from it.
  case match
  /// R²: one less the squared error over the variance of the targets, a mean over outputs.
  case determination
  /// Over the samples that were made in steps of the generator.
  case generatorLoss
  /// What the critic gives samples of the data above those that were made: an estimate of the
  /// distance of Wasserstein between them, as far as the critic is at its best.
  case wasserstein
  /// The length of the critic's gradient at points between those samples.
  case gradientNorm
  /// What its deviation from 1 adds to the critic's loss.
  case gradientPenalty
  /// The share of samples that the critic takes for what they are.
  case criticAccuracy

  /// How many a run can follow.
  package static let limit = Counters.scalarCount

  /// The measure that a configuration names: `accuracy`, `top5`, `mae`, `r2`, `match`.
  package init?(_ name: String) {
    switch name {
    case "accuracy": self = .top(1)
    case "mae": self = .meanAbsoluteError
    case "r2": self = .determination
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
    case .generatorLoss: "generator_loss"
    case .wasserstein: "wasserstein"
    case .gradientNorm: "gradient_norm"
    case .gradientPenalty: "gradient_penalty"
    case .criticAccuracy: "critic_accuracy"
    case .match: "match"
    }
  }

  package var isBetterWhenGreater: Bool {
    switch self {
    case .top, .match, .determination, .criticAccuracy: true
    case .meanAbsoluteError, .generatorLoss, .wasserstein, .gradientNorm, .gradientPenalty: false
    }
  }

  /// The output of a critic's program that it is the mean of, if it is one.
  var output: String? {
    switch self {
    case .wasserstein: "margins"
    case .gradientNorm: "lengths"
    case .gradientPenalty: "penalties"
    case .criticAccuracy: "hits"
    case .top, .meanAbsoluteError, .match, .determination, .generatorLoss: nil
    }
  }

  /// What a network for these labels cannot be measured by, as a message; nil if it can.
  func misfit(_ labels: LabelKind) -> String? {
    switch (self, labels) {
    case (.top(let count), .classes(let classes)):
      count <= classes ? nil : "\(name) needs \(count) classes, the data has \(classes)"
    case (.meanAbsoluteError, .values), (.determination, .values), (.match, .values): nil
    case (.top, .values): "\(name) counts classes, the data has \(labels): use mae or r2"
    case (.meanAbsoluteError, .classes), (.determination, .classes), (.match, .classes):
      "\(name) is for real targets, the data has \(labels): use accuracy"
    case (_, .classes), (_, .values): "\(name) is a figure of adversarial runs"
    }
  }

  /// The figure, given what was counted at its place over so many samples; nil where nothing was.
  func metric(_ counters: Counters, at place: Int, samples: Int) -> Metric? {
    let mean = counters[place] / Double(max(1, samples))
    return switch self {
    case .top, .match, .criticAccuracy: Metric(name, mean)
    case .meanAbsoluteError, .wasserstein, .gradientNorm, .gradientPenalty:
      Metric(name, mean, .number)
    case .determination: Metric(name, 1 - mean, .number)
    case .generatorLoss:
      counters[Measure.samplesMade] > 0
        ? Metric(name, counters[place] / counters[Measure.samplesMade], .number) : nil
    }
  }

  /// The place of the counter that holds how many samples the generator made in its own steps; its
  /// loss is the first of measures.
  static let samplesMade = limit - 1
}

/// What is counted or added up for each measure of a run; the rest is zero.
///
/// Counts are whole numbers, which Double holds exactly, in whatever order they are added.
package typealias Counters = SIMD8<Double>
