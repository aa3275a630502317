package import Configuration
package import Graphs

/// The mean of each channel of a map: a vector with an element for each channel.
package struct GlobalAvgPool: Layer, Configurable {
  package init() {}

  package static let schema = Schema(
    "global_avgpool", GlobalAvgPool(), help: "The mean of each channel; a map becomes a vector.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let sums = pass.builder.sum(map.value, axes: [1, 2])
    let vector = pass.builder.reshape(sums, [pass.shape(of: x)[0], map.channels])
    return pass.builder.multiply(vector, by: 1 / Double(map.height * map.width))
  }
}
