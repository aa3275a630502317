internal import Configuration
internal import Graphs

/// x times the share of a standard normal distribution below x (Hendrycks and Gimpel 2016).
struct GELU: Layer {
  static let schema = Record(
    "gelu", main: "approximate",
    keys: [
      Key(
        "approximate", .choice(Approximation.self), default: "none",
        help: "Whether the distribution is taken from erf (none) or from a formula with tanh.")
    ], help: "x times the share of a standard normal distribution below x.")

  private enum Approximation: String, CaseIterable {
    case none, tanh
  }

  private let approximation: Approximation

  init(_ settings: Settings) { approximation = settings.choice("approximate") }

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    let wave =
      switch approximation {
      case .none:
        pass.builder.emit(.unary(.erf), pass.builder.multiply(x, by: 0.5.squareRoot()))
      case .tanh:
        pass.builder.emit(.unary(.tanh), bent(x, in: &pass.builder))
      }
    let one = pass.builder.constant(1, pass.shape(of: x))
    let half = pass.builder.multiply(x, by: 0.5)
    return pass.builder.multiply(half, pass.builder.add(one, wave))
  }

  /// √(2/π) (x + 0.044715 x³).
  private func bent(_ x: Value, in builder: inout Builder) -> Value {
    let cube = builder.multiply(builder.multiply(x, x), x)
    let sum = builder.add(x, builder.multiply(cube, by: 0.044715))
    return builder.multiply(sum, by: (2 / Double.pi).squareRoot())
  }
}
