internal import Elementary
internal import Networks

/// The loss that training minimises.
public enum LossFunction: String, CaseIterable, Sendable {
  /// The mean over the outputs of (predicted - correct)²; steps use the derivative predicted -
  /// correct.
  case meanSquareError
  /// -Σ correct · log(predicted); includes the softmax if the last layer is none.
  case crossEntropy
  /// -correct · log(p) - (1 - correct) · log(1 - p); includes the sigmoid if the last layer is
  /// none.
  case binaryCrossEntropy

  /// The loss of a sample; the argument of logarithms is at least 1e-10.
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

  /// The derivative that a step uses: predicted - correct for squares, and for cross entropy, where
  /// it is with respect to the logits; for binary cross entropy that of one output.
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

  /// The factor of the derivative: the mean of squares has 2 / outputs · (predicted - correct),
  /// Neuron uses predicted - correct.
  func stepFactor(outputs: Int) -> Double {
    self == .meanSquareError ? Double(outputs) / 2 : 1
  }
}
