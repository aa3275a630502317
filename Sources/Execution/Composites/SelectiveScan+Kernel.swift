internal import Graphs
internal import Kernels

extension Composite.SelectiveScan: FusedComposite {
  func emit(_ value: Value, in lowering: inout Lowering) {
    let operands = lowering.program[value].operands
    let kernel = kernel(operands, in: lowering)
    let slots = OperandSlots(operands.map { lowering.slot(of: $0) })
    let first = lowering.slot(of: operands[5])
    let y = lowering.place(value, at: value, mayReplace: [operands[0], operands[1]])
    let states = lowering.place(Value(value.index, result: 1), at: value)
    let scratch =
      states == nil ? lowering.scratch(4 * kernel.scratchCount, at: value) : nil
    lowering.call(value) { frame in
      unsafe kernel.run(
        frame.floats(y), states: frame.floats(states), slots.operands(in: frame),
        first: frame.floats(first), scratch: frame.floats(scratch))
    }
  }

  /// It reads all operands but the first states, the saved states and the gradient of y.
  var gradientKernel: GradientKernel? {
    GradientKernel(operands: [0, 1, 2, 3, 4, 7, 8]) { value, operands, lowering in
      let kernel = kernel(operands, in: lowering)
      let slots = OperandSlots(operands.map { lowering.slot(of: $0) })
      let (states, g) = (lowering.slot(of: operands[5]), lowering.slot(of: operands[6]))
      let results = (0..<6).map { place in
        lowering.place(
          Value(value.index, result: place), at: value,
          mayReplace: place == 0 ? [operands[6], operands[0]] : place == 1 ? [operands[1]] : [])
      }
      let scratch = lowering.scratch(4 * kernel.gradientScratchCount, at: value)
      lowering.call(value) { frame in
        unsafe kernel.gradients(
          SelectiveScan.Gradients(
            u: frame.floats(results[0]), delta: frame.floats(results[1]),
            a: frame.floats(results[2]), b: frame.floats(results[3]), c: frame.floats(results[4]),
            first: frame.floats(results[5])),
          slots.operands(in: frame), states: frame.floats(states), frame.floats(g),
          scratch: frame.floats(scratch))
      }
    }
  }

  private func kernel(_ operands: [Value], in lowering: Lowering) -> SelectiveScan {
    precondition(Self.interval == SelectiveScan.interval)
    let u = lowering.program.type(of: operands[0]).shape
    let states = lowering.program.type(of: operands[2]).shape[0]
    return SelectiveScan(samples: u[0], steps: u[1], channels: u[2], states: states)
  }

  /// Where the operands before the first states stand.
  private struct OperandSlots {
    let slots: [Slot]

    init(_ slots: [Slot]) { self.slots = slots }

    func operands(in frame: Frame) -> SelectiveScan.Operands {
      unsafe SelectiveScan.Operands(
        u: frame.floats(slots[0]), delta: frame.floats(slots[1]), a: frame.floats(slots[2]),
        b: frame.floats(slots[3]), c: frame.floats(slots[4]))
    }
  }
}
