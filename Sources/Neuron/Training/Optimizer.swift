/// How weights follow their gradient; without one it is gradient descent.
public enum Optimizer: Codable, Equatable, Sendable {
  /// Adam, with moments for every weight and bias correction.
  case adam(b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8)
}

/// An optimiser that can take the place of a brain's.
public protocol OptimizerFunction {
  /// The rule.
  var optimizer: Optimizer { get }
  /// The learning rate that goes with it; nil keeps the brain's.
  var learningRate: Float? { get }
}

extension Optimizer: OptimizerFunction {
  /// The rule.
  public var optimizer: Optimizer { self }
  /// The brain's.
  public var learningRate: Float? { nil }
}

/// Adam with a learning rate of its own.
public struct Adam: OptimizerFunction, Sendable {
  /// The rule.
  public let optimizer: Optimizer
  /// The learning rate, `alpha`.
  public let learningRate: Float?

  /// Adam with the learning rate `alpha`.
  public init(b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, alpha: Float) {
    optimizer = .adam(b1: b1, b2: b2, eps: eps)
    learningRate = alpha
  }
}
