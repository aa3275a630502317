package import Configuration
package import Diagnostics

/// Bounds on gradients.
package struct Clipping: Equatable, Sendable {
  /// On the norm of the gradient of all parameters.
  let norm: Double?
  /// On the magnitude of each element, after the norm.
  let value: Double?

  package static let record = Record(
    "clip", main: "norm",
    keys: [
      Key(
        "norm",
        .record(limit("norm", "Shortens a gradient whose norm over all parameters is greater.")),
        default: .absent, help: "A bound on the norm of the gradient over all parameters."),
      Key(
        "value", .record(limit("value", "Cuts every element of the gradient to this magnitude.")),
        default: .absent,
        help: "A bound on every element of the gradient; with both, the norm comes first."),
    ], help: "Bounds on gradients.")

  private static func limit(_ name: String, _ help: String) -> Record {
    Record(
      name, main: "limit",
      keys: [Key("limit", .number(in: .above(0)), help: "The greatest that is let through.")],
      help: help)
  }

  package init(norm: Double? = nil, value: Double? = nil) {
    self.norm = norm
    self.value = value
  }

  /// The bounds of a section that `record` has checked.
  package init(_ settings: Settings) throws(Failure) {
    norm = settings.optionalSection("norm")?.number("limit")
    value = settings.optionalSection("value")?.number("limit")
    guard norm != nil || value != nil else {
      throw settings.failure("expected a bound, as in clip: 1, clip: {norm: 1} or clip: {value: 1}")
    }
  }

  /// Clips a part of a gradient, of which the norm as a whole is given.
  ///
  /// Beyond the limit it is brought to limit / (norm + 1e-6) of its length, as in PyTorch. Then each
  /// element is cut.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func apply<Scalar: BinaryFloatingPoint>(
    to range: Range<Int>, of gradient: UnsafeMutablePointer<Scalar>, norm whole: Double
  ) {
    if let norm, norm / (whole + 1e-6) < 1 {
      let factor = Scalar(norm / (whole + 1e-6))
      for i in range { unsafe gradient[i] *= factor }
    }
    if let value {
      let limit = Scalar(value)
      for i in range { unsafe gradient[i] = max(-limit, min(limit, gradient[i])) }
    }
  }
}
