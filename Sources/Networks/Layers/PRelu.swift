internal import Configuration
internal import Graphs

/// x above 0, a learned share of it below (He and others 2015).
struct PRelu: Layer {
  static let schema = Record(
    "prelu", main: "slope",
    keys: [
      Key(
        "slope", .number(in: .from(-1e30, to: 1e30)), default: 0.25,
        help: "The slope below 0 at the start."),
      Key(
        "per", .choice(Sharing.self), default: "layer",
        help: "One slope for the layer, or one for each channel or feature."),
      Preset.freezeWeight,
      nameKey,
    ], help: "x above 0, a learned slope · x below.")

  private enum Sharing: String, CaseIterable {
    case layer, channel
  }

  let name: String?
  private let slope: Double
  private let sharing: Sharing

  init(_ settings: Settings) {
    name = settings.optionalText("name")
    slope = settings.number("slope")
    sharing = settings.choice("per")
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let count = sharing == .layer ? 1 : shape[shape.rank - 1]
    let slopes = try pass.parameter("weight", [count], .constant(slope))
    let ones = [Int](repeating: 1, count: shape.rank - 1)
    let aligned = pass.builder.reshape(slopes, Shape(ones + [count]))
    return pass.builder.rectified(x, below: pass.builder.broadcast(aligned, shape))
  }
}
