internal import Elementary
internal import Networks

/// What training makes small.
public enum LossFunction: String, CaseIterable, Sendable {
  /// The mean over the outputs of (predicted - correct)²; a step follows predicted - correct.
  case meanSquareError
  /// -Σ correct · log(predicted) of probabilities; it includes the softmax if the last layer is none.
  case crossEntropy
  /// -correct · log(p) - (1 - correct) · log(1 - p); it includes the sigmoid if the last layer is none.
  case binaryCrossEntropy

  /// The loss of a sample, of as many numbers as are correct; logarithms end at 1e-10.
  public func calculate(_ predicted: [Float], correct: [Float]) -> Float {
    precondition(
      predicted.count == correct.count && !correct.isEmpty,
      "calculate: expected as many predicted as correct numbers, found \(predicted.count) and "
        + "\(correct.count)")
    let terms = zip(predicted, correct).map { predicted, correct in
      let (p, c) = (Double(predicted), Double(correct))
      return switch self {
      case .meanSquareError: (p - c) * (p - c)
      case .crossEntropy: c == 0 ? 0 : -c * Self.log(p)
      case .binaryCrossEntropy: -c * Self.log(p) - (1 - c) * Self.log(1 - p)
      }
    }
    let sum = terms.reduce(0, +)
    return Float(self == .crossEntropy ? sum : sum / Double(terms.count))
  }

  /// What a step follows: predicted - correct for squares; the same for cross entropy, whose derivative it is
  /// with respect to what the softmax is of; the derivative of binary cross entropy of one output.
  public func derivative(_ predicted: Float, correct: Float) -> Float {
    switch self {
    case .meanSquareError, .crossEntropy: return predicted - correct
    case .binaryCrossEntropy:
      let p = min(max(Double(predicted), Self.least), 1 - Self.least)
      return Float((p - Double(correct)) / (p * (1 - p)))
    }
  }

  private static let least = 1e-10

  private static func log(_ p: Double) -> Double { .log(max(p, least)) }

  /// The loss of a run.
  var loss: any Loss {
    switch self {
    case .meanSquareError: MeanSquaredError()
    case .crossEntropy: CrossEntropy()
    case .binaryCrossEntropy: BinaryCrossEntropy()
    }
  }

  /// What the derivative is multiplied with, which for the mean of squares is 2 / outputs · (predicted -
  /// correct), where Neuron steps along predicted - correct.
  func stepFactor(outputs: Int) -> Double {
    self == .meanSquareError ? Double(outputs) / 2 : 1
  }
}
