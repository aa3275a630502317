/// Where the instructions of a program come from, for people who want to follow it.
///
/// It is no part of what a program is: two that differ in nothing else are equal.
package struct Provenance: Hashable, Sendable {
  /// Who wrote each instruction: the layer, or the layer whose derivative it belongs to.
  package internal(set) var authors: [String] = []
  /// The derivative rules that were applied, in the order of the walk.
  package internal(set) var steps: [DerivativeStep] = []

  package static func == (a: Provenance, b: Provenance) -> Bool { true }
  package func hash(into hasher: inout Hasher) {}
}

/// A rule of the table of derivatives, applied to one operand of one instruction.
package struct DerivativeStep: Sendable {
  package let operation: Operation
  package let operands: [Value]
  /// The first result that has a gradient.
  package let result: Value
  /// The gradient of that result.
  package let gradient: Value
  /// The operand that receives a part of it.
  package let operand: Int
  package let part: Value
  /// The sum of the parts that the operand has received so far.
  package let sum: Value

  /// The step in another program; nil if something of it has no place there.
  func moved(_ place: (Value) -> Value?) -> DerivativeStep? {
    let operands = self.operands.compactMap(place)
    guard operands.count == self.operands.count, let result = place(result),
      let gradient = place(gradient), let part = place(part), let sum = place(sum)
    else { return nil }
    return DerivativeStep(
      operation: operation, operands: operands, result: result, gradient: gradient,
      operand: operand, part: part, sum: sum)
  }
}
