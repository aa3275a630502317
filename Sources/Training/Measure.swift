internal import Networks
internal import Reports

/// A figure beside the loss that a run follows.
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

  /// How many a run can follow.
  package static let limit = Counters.scalarCount

  /// The measure that a configuration names: `accuracy`, `top5`, `mae`, `r2`, `match`.
  package init?(_ name: String) {
    switch name {
    case "accuracy": self = .top(1)
    case "mae": self = .meanAbsoluteError
    case "r2": self = .determination
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
    case .match: "match"
    }
  }

  package var isBetterWhenGreater: Bool { self != .meanAbsoluteError }

  /// What a network for these labels cannot be measured by, as a message; nil if it can.
  func misfit(_ labels: LabelKind) -> String? {
    switch (self, labels) {
    case (.top(let count), .classes(let classes)):
      count <= classes ? nil : "\(name) needs \(count) classes, the data has \(classes)"
    case (.meanAbsoluteError, .values), (.determination, .values), (.match, .values): nil
    case (.top, .values): "\(name) counts classes, the data has \(labels): use mae or r2"
    case (_, .classes): "\(name) is for real targets, the data has \(labels): use accuracy"
    }
  }

  /// The figure, given what was counted over so many samples.
  func metric(_ counter: Double, samples: Int) -> Metric {
    let mean = counter / Double(max(1, samples))
    return switch self {
    case .top, .match: Metric(name, mean)
    case .meanAbsoluteError: Metric(name, mean, .number)
    case .determination: Metric(name, 1 - mean, .number)
    }
  }
}

/// What is counted or added up for each measure of a run; the rest is zero.
///
/// Counts are whole numbers, which Double holds exactly, in whatever order they are added.
package typealias Counters = SIMD8<Double>
