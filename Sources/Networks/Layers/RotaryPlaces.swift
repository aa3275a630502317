internal import Elementary
internal import Graphs

/// Turns pairs of features by angles that grow with the place of their step (Su and others 2021).
///
/// Feature i of a head and feature i + size / 2 are a pair, as in Llama; the angle of step t is
/// t·10000^(-2i / size).
struct RotaryPlaces {
  /// Cosines and sines, `[n or 1, steps, 1, size / 2]`.
  private let cosines: Value
  private let sines: Value

  init(steps: Int, size: Int, in pass: inout ForwardPass) {
    (cosines, sines) = pass.turns(steps: steps, pairs: size / 2) { shape in
      Shape([shape[0], shape[1], 1, shape[2]])
    }
  }

  /// Heads `[n, steps, heads, size]`, turned.
  func turned(_ x: Value, in builder: inout Builder) -> Value {
    let shape = builder.shape(of: x)
    let half = shape.replacing([3], with: shape[3] / 2)
    let first = builder.slice(x, axis: 3, 0..<half[3])
    let second = builder.slice(x, axis: 3, half[3]..<shape[3])
    let (cosines, sines) = (builder.broadcast(cosines, half), builder.broadcast(sines, half))
    return builder.emit(
      .concatenate(axis: 3),
      builder.subtract(builder.multiply(first, cosines), builder.multiply(second, sines)),
      builder.add(builder.multiply(second, cosines), builder.multiply(first, sines)))
  }
}

extension ForwardPass {
  /// The cosines and sines of all steps, or of the one that is written, for angles
  /// t·10000^(-i / pairs): `[1, steps, pairs]`, or `[n, 1, pairs]`, in the shape that `form` makes
  /// of these.
  mutating func turns(
    steps: Int, pairs: Int, _ form: (Shape) -> Shape = { $0 }
  ) -> (cosines: Value, sines: Value) {
    let context = isStep ? context ?? steps : steps
    let tables = builder.turns(steps: context, pairs: pairs)
    let rows = isStep ? position() : nil
    let values = tables.map { table in
      let value = rows.map { builder.emit(.gather, table, $0) } ?? table
      let shape: Shape =
        rows == nil ? [1, steps, pairs] : [builder.shape(of: samples)[0], 1, pairs]
      return builder.reshape(value, form(shape))
    }
    return (values[0], values[1])
  }
}

extension Builder {
  /// Cosines and sines `[steps, pairs]` of t·10000^(-i / pairs): each step turns those before it by
  /// one angle more.
  fileprivate mutating func turns(steps: Int, pairs: Int) -> [Value] {
    let angles = (0..<pairs).map { Double.exp(-Double($0) / Double(pairs) * .log(10_000)) }
    let (cosine, sine) = (vector(angles.map(Double.cos)), vector(angles.map(Double.sin)))
    let first = [constant(1, [pairs]), constant(0, [pairs])]
    return scan(over: [], axis: 0, from: first, with: [cosine, sine], steps: steps) {
      body, turn, _, angle in
      let next = [
        body.subtract(body.multiply(turn[0], angle[0]), body.multiply(turn[1], angle[1])),
        body.add(body.multiply(turn[1], angle[0]), body.multiply(turn[0], angle[1])),
      ]
      return (next, turn)
    }.results
  }
}
