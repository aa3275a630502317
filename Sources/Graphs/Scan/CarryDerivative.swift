/// The derivative of a carry after a step of a loop by one after the step before.
package struct CarryDerivative: Sendable {
  package let value: Value
  package let source: Value
  /// The derivative of each element of the value, in the shape of the source; nil if it is zero.
  package let rows: [Value?]
}

extension Program {
  /// The program and behind it the derivatives of the carries of each step by those of the step
  /// before, for loops that were written step by step.
  ///
  /// There are none for loops with more than `limit` numbers in their carries.
  package func withCarryDerivatives(
    limit: Int
  ) -> (program: Program, derivatives: [CarryDerivative]) {
    var builder = Builder(self)
    var derivatives: [CarryDerivative] = []
    for (before, after) in zip(provenance.states, provenance.states.dropFirst())
    where before.loop == after.loop {
      let sources = before.carries.filter { type(of: $0).number.isFloat }
      guard sources.reduce(0, { $0 + type(of: $1).count }) <= limit else { continue }
      for value in after.carries where type(of: value).number.isFloat {
        let rows = (0..<type(of: value).count).map { element in
          let seed = builder.unit(element, type(of: value).shape)
          return builder.gradients(of: [(value, seed)], by: sources)
        }
        derivatives += sources.indices.map { place in
          CarryDerivative(value: value, source: sources[place], rows: rows.map { $0[place] })
        }
      }
    }
    builder.provenance.steps = provenance.steps
    return (
      Program(builder.instructions, outputs: outputs, provenance: builder.provenance), derivatives
    )
  }
}

extension Builder {
  /// One at an element, and zeros.
  fileprivate mutating func unit(_ element: Int, _ shape: Shape) -> Value {
    let one = constant(1, [1])
    let row = emit(.pad([Padding(low: element, high: shape.count - 1 - element)]), one)
    return reshape(row, shape)
  }
}
