/// The optimiser; without one it is plain gradient descent.
public enum Optimizer: Codable, Equatable, Sendable {
  /// Adam, with moments for every weight and bias correction.
  case adam(b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8)
}

/// An optimiser that `replaceOptimizer` takes.
public protocol OptimizerFunction {
  /// The optimiser.
  var optimizer: Optimizer { get }
  /// Its learning rate; nil keeps the brain's.
  var learningRate: Float? { get }
}

extension Optimizer: OptimizerFunction {
  /// The optimiser.
  public var optimizer: Optimizer { self }
  /// Nil: the brain's.
  public var learningRate: Float? { nil }
}

/// Adam with a learning rate of its own.
public struct Adam: OptimizerFunction, Sendable {
  /// The optimiser.
  public let optimizer: Optimizer
  /// The learning rate, `alpha`.
  public let learningRate: Float?

  /// Adam with the learning rate `alpha`.
  public init(b1: Float = 0.9, b2: Float = 0.999, eps: Float = 1e-8, alpha: Float) {
    optimizer = .adam(b1: b1, b2: b2, eps: eps)
    learningRate = alpha
  }
}
