internal import Configuration
internal import Graphs

/// Zeros around a map.
struct Pad: Layer {
  static let schema = Record(
    "pad", main: "margins",
    keys: [
      Key(
        "margins", .explicitMargins,
        help: "Rows and columns of zeros: a number for all sides, or for height and width a number "
          + "or [before, after].")
    ], help: "Puts zeros around a map.")

  private let vertical: Margin
  private let horizontal: Margin

  init(_ settings: Settings) {
    switch settings.margins("margins") {
    case .explicit(let vertical, let horizontal):
      (self.vertical, self.horizontal) = (vertical, horizontal)
    case .same: preconditionFailure("the schema has explicit margins only")
    }
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let (height, width, channels) = try pass.map(x)
    try pass.checkSize(
      of: [
        pass.shape(of: x)[0], height + vertical.low + vertical.high,
        width + horizontal.low + horizontal.high, channels,
      ])
    return pass.builder.emit(
      .pad([
        Padding(), Padding(low: vertical.low, high: vertical.high),
        Padding(low: horizontal.low, high: horizontal.high), Padding(),
      ]), x)
  }
}
