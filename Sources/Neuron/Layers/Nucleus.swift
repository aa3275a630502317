/// The values that `Brain.updateNucleus` sets.
public struct Nucleus: Equatable, Sendable {
  /// The learning rate.
  public var learningRate: Float
  /// The bias of nodes.
  public var bias: Float

  /// A learning rate and a bias.
  public init(learningRate: Float = 0.1, bias: Float = 0.1) {
    self.learningRate = learningRate
    self.bias = bias
  }
}
