package import Configuration
package import Graphs

/// The mean of each channel of a map or of a sequence: a vector with an element for each channel.
package struct GlobalAvgPool: Layer, Configurable {
  /// The field that holds the number of steps of each sample; nil where all steps count.
  package var lengths: String?

  package init(lengths: String? = nil) { self.lengths = lengths }

  package static let schema = Schema(
    "global_avgpool", GlobalAvgPool(),
    [
      Property(
        "lengths", \.lengths,
        help:
          "The field of the data that says how many steps of a sequence count: the mean is over "
          + "these. All of them if left out.")
    ], help: "The mean of each channel; a map or a sequence becomes a vector.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    guard let lengths else {
      let map = try pass.map(x)
      let sums = pass.builder.sum(map.value, axes: [1, 2])
      let vector = pass.builder.reshape(sums, [pass.shape(of: x)[0], map.channels])
      return pass.builder.multiply(vector, by: 1 / Double(map.height * map.width))
    }
    let sequence = try pass.sequence(x, at: "lengths")
    let counts = try pass.lengths(lengths, steps: pass.shape(of: sequence)[1])
    return pass.builder.mean(sequence, over: counts)
  }
}

extension Builder {
  /// The mean over the first steps of each sequence `[n, steps, features]`, as many as `counts` has
  /// for its sample: those behind them may be anything.
  fileprivate mutating func mean(_ x: Value, over counts: Value) -> Value {
    let shape = shape(of: x)
    let mask = emit(.permute([1, 0]), mask(from: counts, steps: shape[1]))
    let counting = broadcast(reshape(mask, [shape[0], shape[1], 1]), shape)
    let kept = emit(.select, counting, x, constant(0, shape))
    let sums = reshape(sum(kept, axes: [1]), [shape[0], shape[2]])
    let numbers = reshape(emit(.convert(.float32), counts), [shape[0], 1])
    return divide(sums, broadcast(numbers, self.shape(of: sums)))
  }
}
