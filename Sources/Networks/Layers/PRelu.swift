package import Configuration
package import Graphs

/// x above 0, a learned share of it below (He and others 2015).
package struct PRelu: Layer, Configurable {
  package var slope: Double
  package var sharing: Sharing
  package var freeze: Frozen?

  package init(slope: Double = 0.25, per sharing: Sharing = .layer) {
    self.slope = slope
    self.sharing = sharing
  }

  package enum Sharing: String, CaseIterable, SettingValue {
    case layer, channel
  }

  package static let schema = Schema(
    "prelu", PRelu(), main: "slope",
    [
      Property(
        "slope", \.slope, .number(in: .from(-1e30, to: 1e30)),
        help: "The slope below 0 at the start."),
      Property(
        "per", \.sharing, help: "One slope for the layer, or one for each channel or feature."),
      .freeze(\.freeze, [.weight], help: "Whether the weight stays as it is."),
    ], help: "x above 0, a learned slope · x below.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let count = sharing == .layer ? 1 : shape[shape.rank - 1]
    let slopes = try pass.parameter("weight", [count], .constant(slope))
    let ones = [Int](repeating: 1, count: shape.rank - 1)
    let aligned = pass.builder.reshape(slopes, Shape(ones + [count]))
    return pass.builder.rectified(x, below: pass.builder.broadcast(aligned, shape))
  }
}
