package import Configuration
package import Diagnostics

/// Bounds on gradients.
package struct Clipping: Configurable, Equatable {
  private var normLimit: NormLimit?
  private var valueLimit: ValueLimit?

  /// A bound on the norm over all parameters, and one on the magnitude of each element after that.
  package init(norm: Double? = nil, value: Double? = nil) {
    normLimit = norm.map { NormLimit(limit: $0) }
    valueLimit = value.map { ValueLimit(limit: $0) }
  }

  package static let schema = Schema(
    "clip", Clipping(), main: "norm",
    [
      Property(
        "norm", \.normLimit, help: "A bound on the norm of the gradient over all parameters."),
      Property(
        "value", \.valueLimit,
        help: "A bound on every element of the gradient; with both, the norm comes first."),
    ], help: "Bounds on gradients.")

  package func check(_ settings: Settings) throws(Failure) {
    guard normLimit != nil || valueLimit != nil else {
      throw settings.failure("expected a bound, as in clip: 1, clip: {norm: 1} or clip: {value: 1}")
    }
  }

  /// Clips a part of a gradient, given the norm of the whole.
  ///
  /// A longer gradient is multiplied by limit / (norm + 1e-6), as in PyTorch. Then each element is
  /// cut.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func apply<Scalar: BinaryFloatingPoint>(
    to range: Range<Int>, of gradient: UnsafeMutablePointer<Scalar>, norm whole: Double
  ) {
    if let norm = normLimit?.limit, norm / (whole + 1e-6) < 1 {
      let factor = Scalar(norm / (whole + 1e-6))
      for i in range { unsafe gradient[i] *= factor }
    }
    if let value = valueLimit?.limit {
      let limit = Scalar(value)
      for i in range { unsafe gradient[i] = max(-limit, min(limit, gradient[i])) }
    }
  }
}

private struct NormLimit: GradientLimit {
  var limit = 1.0

  static let schema = limitSchema(
    "norm", NormLimit(), help: "Shortens a gradient whose norm over all parameters is greater.")
}

private struct ValueLimit: GradientLimit {
  var limit = 1.0

  static let schema = limitSchema(
    "value", ValueLimit(), help: "Cuts every element of the gradient to this magnitude.")
}

/// A section with one number: `{limit: 1}`, or the number alone.
private protocol GradientLimit: Configurable, Equatable {
  var limit: Double { get set }
}

extension GradientLimit {
  fileprivate static func limitSchema(
    _ name: String, _ prototype: Self, help: String
  ) -> Schema<Self> {
    Schema(
      name, prototype, main: "limit",
      [
        Property(
          "limit", \.limit, .number(in: .above(0)), isRequired: true,
          help: "The greatest that is let through.")
      ], help: help)
  }
}
