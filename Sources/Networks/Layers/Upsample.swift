package import Configuration
package import Graphs

/// Repeats rows and columns: each element becomes a block of equal ones.
package struct Upsample: Layer, Configurable {
  package var factor: Sides

  package init(_ factor: Sides) { self.factor = factor }

  package static let schema = Schema(
    "upsample", Upsample(1), main: "factor",
    [
      Property(
        "factor", \.factor, isRequired: true,
        help: "How often each row and each column stands in the result.")
    ], help: "Makes a map larger by repeating its elements (nearest neighbour).")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let (height, width, channels) = (map.height, map.width, map.channels)
    let factor = try map.sides(factor, at: "factor")
    let count = pass.shape(of: x)[0]
    let result: Shape = [count, height * factor.height, width * factor.width, channels]
    try pass.checkSize(of: result)
    let apart = pass.builder.reshape(map.value, [count, height, 1, width, 1, channels])
    let repeated = pass.builder.broadcast(
      apart, [count, height, factor.height, width, factor.width, channels])
    return pass.result(pass.builder.reshape(repeated, result), of: map)
  }
}
