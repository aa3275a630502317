package import Configuration

/// A bound on gradients.
package enum Clipping: Equatable, Sendable {
  /// On the norm of the gradient of all parameters.
  case norm(Double)
  /// On the magnitude of each element.
  case value(Double)

  package static let kind = Kind.variant(
    "clip",
    [
      Record(
        "norm", main: "limit", keys: [limit],
        help: "Shortens a gradient whose norm over all parameters is greater."),
      Record(
        "value", main: "limit", keys: [limit],
        help: "Cuts every element of the gradient to this magnitude."),
    ])

  private static let limit = Key(
    "limit", .number(in: .above(0)), help: "The greatest that is let through.")

  /// The bound of a section that `kind` has checked.
  package init(_ settings: Settings) {
    let limit = settings.number("limit")
    self = settings.name == "norm" ? .norm(limit) : .value(limit)
  }

  /// Clips a part of a gradient, of which the norm as a whole is given.
  ///
  /// Beyond the limit it is brought to limit / (norm + 1e-6) of its length, as in PyTorch.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func apply<Scalar: BinaryFloatingPoint>(
    to range: Range<Int>, of gradient: UnsafeMutablePointer<Scalar>, norm: Double
  ) {
    switch self {
    case .norm(let limit):
      let share = limit / (norm + 1e-6)
      guard share < 1 else { return }
      let factor = Scalar(share)
      for i in range { unsafe gradient[i] *= factor }
    case .value(let limit):
      let limit = Scalar(limit)
      for i in range { unsafe gradient[i] = max(-limit, min(limit, gradient[i])) }
    }
  }
}
