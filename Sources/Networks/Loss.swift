internal import Configuration
internal import Graphs

/// What a network is to make small: a struct of settings and one function that only builds graph.
protocol Loss: Sendable {
  static var schema: Record { get }

  init(_ settings: Settings)

  /// Writes one number for each sample, `[n]`.
  func losses(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value
}

/// The losses that a configuration can name; the raw value is the word in the file.
enum LossKind: String, Sendable, CaseIterable {
  case crossEntropy = "cross_entropy"
  case mse

  var type: any Loss.Type {
    switch self {
    case .crossEntropy: CrossEntropy.self
    case .mse: MeanSquaredError.self
    }
  }
}

/// What the layers of a network make of samples.
struct Results {
  /// The last layer's values, `[n, k]`.
  let predictions: Value
  /// What a final softmax was applied to; without one, the predictions.
  let logits: Value
}

/// What the predictions should have been.
enum Truth {
  /// Class numbers, int32 `[n]`, out of so many.
  case labels(Value, classes: Int)
  /// Real numbers, float32 `[n, k]`.
  case targets(Value)
}
