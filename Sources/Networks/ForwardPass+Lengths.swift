internal import Diagnostics
package import Graphs

extension ForwardPass {
  /// The lengths of the samples' sequences, int32 `[n]`: a field with a whole number for each sample.
  ///
  /// Records that they must be from 1 to `steps`, for those who read the data to check.
  package mutating func lengths(
    _ name: String, at key: String = "lengths", steps: Int
  ) throws(Misfit) -> Value {
    guard let field = fields.first(where: { $0.name == name }) else {
      let hint = Suggestion.hint(for: name, among: fields.map(\.name))
      throw Misfit("the data have no field '\(name)'\(hint)", at: key)
    }
    guard field.number != .float32, field.shape == [1] else {
      throw Misfit(
        "the field '\(name)' is \(field.shape.text) \(field.number): lengths are one whole number "
          + "for each sample, int32 or uint8", at: key)
    }
    lengthLimits[name] = min(steps, lengthLimits[name] ?? steps)
    let count = builder.shape(of: samples)[0]
    let stored = builder.input(name, TensorType(field.number, [count, 1]))
    return builder.reshape(builder.emit(.convert(.int32), stored), [count])
  }
}

extension Builder {
  /// Which steps of sequences count, `uint8[steps, n]`: those below the length of their sample.
  mutating func mask(from lengths: Value, steps: Int) -> Value {
    let type = type(of: lengths)
    return scan(over: [], axis: 0, from: [constant(0, type)], with: [lengths], steps: steps) {
      builder, counts, _, lengths in
      (
        [builder.add(counts[0], builder.constant(1, type))],
        [builder.emit(.compare(.less), counts[0], lengths[0])]
      )
    }.results[0]
  }
}
