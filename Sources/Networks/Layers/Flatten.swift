package import Configuration
package import Graphs

/// Turns a map into a vector, in the order channel, row, column, and a sequence in that of its
/// steps.
///
/// Maps are channels-last here; the order is PyTorch's, so that weights can be exchanged.
package struct Flatten: Layer, Configurable {
  package init() {}

  package static let schema = Schema(
    "flatten", Flatten(),
    help: "Map or sequence to vector, in the order channel, row, column, or step, feature.")

  package func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    Flatten.flattened(x, in: &pass.builder)
  }

  static func flattened(_ x: Value, in builder: inout Builder) -> Value {
    let shape = builder.shape(of: x)
    guard shape.rank == 4 else { return builder.reshape(x, [shape[0], shape.count / shape[0]]) }
    let planes = builder.emit(.permute([0, 3, 1, 2]), x)
    return builder.reshape(planes, [shape[0], shape.count / shape[0]])
  }
}
