/// The origin of the instructions of a program, for explanations.
///
/// Programs that differ only in it are equal.
package struct Provenance: Hashable, Sendable {
  /// The layer that wrote each instruction, or whose derivative it belongs to.
  package internal(set) var authors: [String] = []
  /// The derivative rules, in the order in which they were applied.
  package internal(set) var steps: [DerivativeStep] = []
  /// The names of values that have one of their own.
  package internal(set) var names: [Value: String] = [:]
  /// The carries of loops that were written step by step, in the order of the steps.
  package internal(set) var states: [LoopState] = []

  package internal(set) var probes: [LoopProbe] = []

  /// Adds the names, states and probes of another program whose values have other places here.
  mutating func addNames(of other: Provenance, at place: (Value) -> Value?) {
    for (value, name) in other.names.sorted(by: { $0.key.index < $1.key.index }) {
      if let value = place(value) { names[value] = name }
    }
    states += other.states.compactMap { $0.moved(place) }
    probes += other.probes.compactMap { $0.moved(place) }
  }

  /// The author of an instruction; empty in a program without authors.
  package func author(of index: Int) -> String { authors.isEmpty ? "" : authors[index] }

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
  /// The index of the operand that receives `part`.
  package let operand: Int
  package let part: Value
  /// The sum of the parts of this operand so far.
  package let sum: Value

  /// The step in another program, which may keep a part of the loop that it is of; nil if one of its
  /// values does not exist there.
  ///
  /// A part that is not computed alone is taken to be the sum.
  func moved(keeping loop: LiveScan? = nil, _ place: (Value) -> Value?) -> DerivativeStep? {
    let kept = loop?.operands ?? Array(self.operands.indices)
    let operands = kept.compactMap { place(self.operands[$0]) }
    guard operands.count == kept.count, let operand = kept.firstIndex(of: operand),
      let result = place(result), let gradient = place(gradient),
      let part = place(part) ?? place(sum), let sum = place(sum)
    else { return nil }
    let operation = loop.map { .scan($0.scan) } ?? operation
    return DerivativeStep(
      operation: operation, operands: operands, result: result, gradient: gradient,
      operand: operand, part: part, sum: sum)
  }
}
