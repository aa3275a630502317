/// What training makes small.
public enum LossFunction: String, CaseIterable, Sendable {
  /// The mean over the outputs of (predicted - correct)²; a step follows predicted - correct.
  case meanSquareError
  /// -Σ correct · log(predicted) of probabilities; it includes the softmax if the last layer is none.
  case crossEntropy
  /// -correct · log(p) - (1 - correct) · log(1 - p); it includes the sigmoid if the last layer is none.
  case binaryCrossEntropy

  /// Its name in a configuration.
  var name: String {
    switch self {
    case .meanSquareError: "mse"
    case .crossEntropy: "cross_entropy"
    case .binaryCrossEntropy: "binary_cross_entropy"
    }
  }

  /// What the derivative is multiplied with, which for the mean of squares is 2 / outputs · (predicted -
  /// correct), where Neuron steps along predicted - correct.
  func stepFactor(outputs: Int) -> Double {
    self == .meanSquareError ? Double(outputs) / 2 : 1
  }
}
