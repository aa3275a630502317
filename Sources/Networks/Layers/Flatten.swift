internal import Configuration
internal import Graphs

/// Turns a map into a vector, in the order channel, row, column.
///
/// Maps are channels-last here; the order is PyTorch's, so that weights can be exchanged.
struct Flatten: Layer {
  static let schema = Record("flatten", help: "Map to vector, in the order channel, row, column.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    let shape = pass.shape(of: x)
    guard shape.rank == 4 else { return x }
    let planes = pass.builder.emit(.permute([0, 3, 1, 2]), x)
    return pass.builder.reshape(planes, [shape[0], shape.count / shape[0]])
  }
}
