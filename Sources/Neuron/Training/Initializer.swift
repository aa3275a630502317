/// Draws first weights, for a program that makes weights itself.
public struct Initializer: Equatable, Sendable {
  /// What they are drawn from.
  public let type: InitializerType

  /// An initialiser of a kind.
  public init(type: InitializerType) { self.type = type }

  /// A weight of a layer of so many inputs and outputs, which is another in each run and on each rank.
  public func calculate(input: Int, out: Int = 0) -> Float {
    var generator = SystemRandomNumberGenerator()
    return calculate(input: input, out: out, using: &generator)
  }

  /// A weight of a layer of so many inputs and outputs.
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
