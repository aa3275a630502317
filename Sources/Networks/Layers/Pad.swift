package import Configuration
package import Graphs

/// Zeros around a map.
package struct Pad: Layer, Configurable {
  package var margins: Margins

  package init(_ margins: Margins) { self.margins = margins }

  package static let schema = Schema(
    "pad", Pad(0), main: "margins",
    [
      Property(
        "margins", \.margins, Margins.explicitKind, isRequired: true,
        help: "Rows and columns of zeros: a number for all sides, or for height and width a number "
          + "or [before, after].")
    ], help: "Puts zeros around a map.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    guard case .explicit(let vertical, let horizontal) = try margins.along(map, at: "margins")
    else {
      throw Misfit("expected explicit margins, found 'same'", at: "margins")
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
