package import Configuration
package import Graphs

/// The maximum of each window of a map, channel by channel.
package struct MaxPool: PoolingLayer {
  package var pooling: Pooling

  package init(
    _ size: Sides, stride: Sides? = nil, padding: Margins = 0, ceilMode: Bool = false
  ) {
    pooling = Pooling(size: size, stride: stride, padding: padding, ceilMode: ceilMode)
  }

  package static let schema = Schema(
    "maxpool", MaxPool(1), main: "size",
    properties(
      Margins.explicitKind,
      padding: "Rows and columns around the map that never win, at most half the size: a number "
        + "for all sides, or for height and width a number or [before, after].") + [
        Property(
          "ceil_mode", \.pooling.ceilMode,
          help: "Whether a last window may reach beyond the map, as in PyTorch's MaxPool2d.")
      ],
    help: "The maximum of each window of a map.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let window = try pooling.window(over: map)
    return pass.result(pass.builder.maxPool(map.value, window), of: map)
  }
}
