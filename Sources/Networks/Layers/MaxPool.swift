internal import Configuration
internal import Graphs

/// The maximum of each window of a map, channel by channel.
struct MaxPool: Layer {
  static let schema = Record(
    "maxpool", main: "size",
    keys: PoolingSettings.keys(
      padding: "Rows and columns around the map that never win; at most half the size."),
    help: "The maximum of each window of a map.")

  private let pooling: PoolingSettings

  init(_ settings: Settings) { pooling = PoolingSettings(settings) }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let window = try pooling.window(over: map)
    return pass.result(pass.builder.maxPool(map.value, window), of: map)
  }
}
