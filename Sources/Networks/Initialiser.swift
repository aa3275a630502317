internal import Configuration

/// How wide the first weights of a layer are spread.
///
/// `xavier` keeps the variance of values and gradients through layers that are linear around zero
/// (Glorot and Bengio 2010); `he` keeps that of values through relu (He and others 2015).
enum Initialiser: String, Sendable, CaseIterable {
  case xavierUniform = "xavier_uniform"
  case xavierNormal = "xavier_normal"
  case heUniform = "he_uniform"
  case heNormal = "he_normal"

  static let key = Key(
    "init", .choice(Initialiser.self), default: "he_normal",
    help: "How the first weights are drawn.")

  /// What weights are drawn from when each output is made of `fanIn` inputs and each input goes
  /// into `fanOut` outputs.
  func distribution(fanIn: Int, fanOut: Int) -> Distribution {
    let (fanIn, fanOut) = (Double(fanIn), Double(fanOut))
    return switch self {
    case .xavierUniform: .uniform(bound: (6 / (fanIn + fanOut)).squareRoot())
    case .xavierNormal: .normal(deviation: (2 / (fanIn + fanOut)).squareRoot())
    case .heUniform: .uniform(bound: (6 / fanIn).squareRoot())
    case .heNormal: .normal(deviation: (2 / fanIn).squareRoot())
    }
  }
}

/// What the elements of a parameter are at the start of a run.
package enum Distribution: Hashable, Sendable {
  case constant(Double)
  /// These, in row order.
  case given([Float])
  /// From -bound to bound.
  case uniform(bound: Double)
  /// Around zero.
  case normal(deviation: Double)

  package static let zeros = constant(0)
}
