internal import Configuration
internal import Graphs

/// x above 0, a fixed share of it below (Maas and others 2013).
struct LeakyRelu: Layer {
  static let schema = Record(
    "leaky_relu", main: "slope",
    keys: [
      Key("slope", .number(in: .from(-1e30, to: 1e30)), default: 0.01, help: "The slope below 0.")
    ], help: "x above 0, slope · x below.")

  private let slope: Double

  init(_ settings: Settings) { slope = settings.number("slope") }

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    let slopes = pass.builder.constant(slope, pass.shape(of: x))
    return pass.builder.rectified(x, below: slopes)
  }
}
