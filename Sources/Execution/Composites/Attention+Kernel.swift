internal import Graphs
internal import Kernels

extension Composite.Attention: FusedComposite {
  func emit(_ value: Value, in lowering: inout Lowering) {
    let operands = lowering.program[value].operands
    let kernel = kernel(operands, in: lowering)
    let slots = OperandSlots(self, operands.map { lowering.slot(of: $0) })
    // The kernel writes it in any case.
    let y =
      lowering.place(value, at: value)
      ?? lowering.scratch(lowering.program.type(of: value).byteCount, at: value)
    let logarithms = lowering.place(Value(value.index, result: 1), at: value)
    let scratch = lowering.scratch(4 * kernel.scratchCount, at: value)
    let stream = dropout?.stream ?? 0
    lowering.call(value) { frame in
      unsafe kernel.run(
        frame.floats(y), logarithms: frame.floats(logarithms),
        slots.operands(in: frame), scratch: frame.floats(scratch)
      ) { sample, first, numbers in
        unsafe frame.random.fill(numbers, stream: stream, ofSample: sample, from: first)
      }
    }
  }

  /// It reads all operands, the results and the gradient of the first one.
  var gradientKernel: GradientKernel? {
    if continues { return nil }
    let count = operands.count
    return GradientKernel(operands: Array(0..<count + 3)) { value, operands, lowering in
      let kernel = kernel(operands, in: lowering)
      let all = operands.map { lowering.slot(of: $0) }
      let slots = OperandSlots(self, Array(all.prefix(count)))
      let (q, k, v) = (
        lowering.place(value, at: value),
        lowering.place(Value(value.index, result: 1), at: value),
        lowering.place(Value(value.index, result: 2), at: value)
      )
      let scratch = lowering.scratch(4 * kernel.gradientScratchCount, at: value)
      let stream = dropout?.stream ?? 0
      lowering.call(value) { frame in
        unsafe kernel.gradients(
          q: frame.floats(q), k: frame.floats(k), v: frame.floats(v), slots.operands(in: frame),
          BlockedAttention.Saved(
            y: frame.floats(all[count]), logarithms: frame.floats(all[count + 1]),
            g: frame.floats(all[count + 2])),
          scratch: frame.floats(scratch)
        ) { sample, first, numbers in
          unsafe frame.random.fill(numbers, stream: stream, ofSample: sample, from: first)
        }
      }
    }
  }

  private func kernel(_ operands: [Value], in lowering: Lowering) -> BlockedAttention {
    let q = lowering.program.type(of: operands[0]).shape
    let k = lowering.program.type(of: operands[continues ? 3 : 1]).shape
    return BlockedAttention(
      BlockedAttention.Extents(
        samples: q[0], queries: q[1], keys: k[1], heads: q[2], groups: k[2], size: q[3]),
      scale: scale, isCausal: isCausal, rate: dropout?.rate)
  }

  /// Where operands stand.
  private struct OperandSlots {
    let q, k, v: Slot
    let own: (k: Slot, v: Slot)?
    let counts: Slot?

    init(_ attention: Composite.Attention, _ slots: [Slot]) {
      let first = attention.continues ? 3 : 1
      (q, k, v) = (slots[0], slots[first], slots[first + 1])
      own = attention.continues ? (slots[1], slots[2]) : nil
      counts = attention.hasCounts ? slots.last : nil
    }

    func operands(in frame: Frame) -> BlockedAttention.Operands {
      unsafe BlockedAttention.Operands(
        q: frame.floats(q), k: frame.floats(k), v: frame.floats(v),
        own: own.map {
          unsafe (UnsafePointer(frame.floats($0.k)), UnsafePointer(frame.floats($0.v)))
        },
        counts: counts.map { unsafe UnsafePointer(frame.integers($0)) })
    }
  }
}
