/// How a builder writes loops; explanations and checks of gradients change it.
package struct LoopForm: Hashable, Sendable {
  /// Whether steps are written one after the other, with names and authors of their own.
  package let isUnrolled: Bool
  /// The number of steps of all loops, nil for all; results of later steps are zeros.
  package let stepLimit: Int?
  /// Whether a parameter of zeros is added to the carries of all steps: the gradient by it is that
  /// by the carries.
  package let hasProbes: Bool

  package init(isUnrolled: Bool = false, stepLimit: Int? = nil, hasProbes: Bool = false) {
    self.isUnrolled = isUnrolled
    self.stepLimit = stepLimit
    self.hasProbes = hasProbes
  }
}

/// The carries after a step of a loop that was written step by step.
package struct LoopState: Sendable {
  /// The number of the loop.
  package let loop: Int
  /// Counted from 1, in the order of the sequence.
  package let step: Int
  package let carries: [Value]

  func moved(_ place: (Value) -> Value?) -> LoopState? {
    let carries = self.carries.compactMap(place)
    return carries.isEmpty ? nil : LoopState(loop: loop, step: step, carries: carries)
  }
}

/// A parameter of zeros that is added to a carry of a loop.
package struct LoopProbe: Sendable {
  /// The name of the carry, and of the parameter.
  package let name: String
  package let value: Value
  /// The axis of time.
  package let axis: Int
  package let isReversed: Bool

  func moved(_ place: (Value) -> Value?) -> LoopProbe? {
    place(value).map { LoopProbe(name: name, value: $0, axis: axis, isReversed: isReversed) }
  }
}
