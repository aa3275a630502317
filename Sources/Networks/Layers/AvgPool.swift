package import Configuration
package import Graphs

/// The mean of each window of a map, channel by channel.
///
/// Padding counts as zeros that belong to the window, as PyTorch's default does.
package struct AvgPool: PoolingLayer {
  package var pooling: Pooling

  package init(_ size: Sides, stride: Sides? = nil, padding: Margins = 0) {
    pooling = Pooling(size: size, stride: stride, padding: padding)
  }

  package static let schema = Schema(
    "avgpool", AvgPool(1), main: "size",
    properties(
      .integer(in: 0...4096),
      padding: "Rows and columns of zeros around the map, counted in the mean; at most half the "
        + "size."),
    help: "The mean of each window of a map.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let window = try pooling.window(over: map)
    let sums = pass.builder.emit(.poolSum(window), map.value)
    return pass.result(pass.builder.multiply(sums, by: 1 / Double(window.count)), of: map)
  }
}
