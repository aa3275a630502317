/// What `Brain.updateNucleus` gives all nodes.
public struct Nucleus: Equatable, Sendable {
  /// How far a step goes.
  public var learningRate: Float
  /// What is added to the sums of nodes.
  public var bias: Float

  /// A learning rate and a bias.
  public init(learningRate: Float = 0.1, bias: Float = 0.1) {
    self.learningRate = learningRate
    self.bias = bias
  }
}
