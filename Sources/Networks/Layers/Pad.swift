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

  private let margins: Margins

  init(_ settings: Settings) { margins = settings.margins("margins") }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    guard case .explicit(let vertical, let horizontal) = try margins.along(map, at: "margins")
    else {
      preconditionFailure("the schema has explicit margins only")
    }
    try pass.checkSize(
      of: [
        pass.shape(of: x)[0], map.height + vertical.low + vertical.high,
        map.width + horizontal.low + horizontal.high, map.channels,
      ])
    let padded = pass.builder.emit(
      .pad([
        Padding(), Padding(low: vertical.low, high: vertical.high),
        Padding(low: horizontal.low, high: horizontal.high), Padding(),
      ]), map.value)
    return pass.result(padded, of: map)
  }
}
