internal import Graphs

extension ForwardPass {
  /// The sequence `[n, steps, features]` that a layer is applied to; a map of height 1 is one.
  mutating func sequence(
    _ x: Value, at key: String? = nil
  ) throws(Misfit) -> Value {
    let shape = shape(of: x)
    if shape.rank == 3 { return x }
    guard shape.rank == 4, shape[1] == 1 else {
      let hint =
        shape.rank == 4 && shape[3] == 1
        ? ": 'reshape: [\(shape[1]), \(shape[2])]' before it makes steps of the rows" : ""
      throw Misfit("needs a sequence (steps x features), found \(shape.features)\(hint)", at: key)
    }
    return builder.reshape(x, [shape[0], shape[2], shape[3]])
  }
}
