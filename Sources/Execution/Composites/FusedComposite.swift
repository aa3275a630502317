internal import Graphs

/// A composite with a kernel; others run as their expansion.
protocol FusedComposite: CompositeDefinition {
  /// Writes the call of its kernel.
  func emit(_ value: Value, in lowering: inout Lowering)

  /// The kernel of its gradient, where only the first result has one; nil if there is none.
  var gradientKernel: GradientKernel? { get }
}

struct GradientKernel {
  /// Those operands of the gradient composite whose numbers it reads: the rest was saved.
  let operands: [Int]
  /// Writes its call.
  let emit: (_ value: Value, _ operands: [Value], _ lowering: inout Lowering) -> Void
}

extension Composite {
  var fused: (any FusedComposite)? { definition as? any FusedComposite }

  var gradientKernel: GradientKernel? {
    if case .gradient(let composite, from: [0]) = self {
      composite.fused?.gradientKernel
    } else {
      nil
    }
  }

  var hasKernel: Bool { fused != nil || gradientKernel != nil }
}

extension Instruction {
  /// The operands whose numbers its kernel reads.
  var read: [Value] {
    guard case .composite(let composite) = operation, let kernel = composite.gradientKernel
    else { return operands }
    return kernel.operands.map { operands[$0] }
  }
}

extension Lowering {
  mutating func emit(_ composite: Composite, _ value: Value) {
    if let kernel = composite.gradientKernel {
      kernel.emit(value, program[value].read, &self)
    } else if let fused = composite.fused {
      fused.emit(value, in: &self)
    } else {
      preconditionFailure("\(composite) has no kernel")
    }
  }

  /// A value as rows along its last axis.
  func rows(of value: Value) -> (count: Int, columns: Int) {
    let shape = program.type(of: value).shape
    let columns = shape[shape.rank - 1]
    return (shape.count / columns, columns)
  }
}
