/// Draws first weights, for programs that make weights themselves.
public struct Initializer: Equatable, Sendable {
  /// The distribution of the weights.
  public let type: InitializerType

  /// An initialiser for a distribution.
  public init(type: InitializerType) { self.type = type }

  /// A weight of a layer with these numbers of inputs and outputs; it differs between runs and
  /// ranks.
  public func calculate(input: Int, out: Int = 0) -> Float {
    var generator = SystemRandomNumberGenerator()
    return calculate(input: input, out: out, using: &generator)
  }

  /// A weight of a layer with these numbers of inputs and outputs.
  public func calculate(
    input: Int, out: Int = 0, using generator: inout some RandomNumberGenerator
  ) -> Float {
    precondition(input > 0 && out >= 0, "calculate: expected at least one input, found \(input)")
    let (inputs, all) = (Float(input), Float(input + out))
    switch type {
    case .xavierNormal: return (2 / all).squareRoot() * .normal(using: &generator)
    case .heNormal: return (2 / inputs).squareRoot() * .normal(using: &generator)
    case .xavierUniform: return (6 / all).squareRoot() * .random(in: -1...1, using: &generator)
    case .heUniform: return (6 / inputs).squareRoot() * .random(in: -1...1, using: &generator)
    }
  }
}
