internal import Graphs
internal import Kernels

extension Composite.RMSNorm: FusedComposite {
  func emit(_ value: Value, in lowering: inout Lowering) {
    let operands = lowering.program[value].operands
    let kernel = kernel(lowering.rows(of: value))
    let (x, scale) = (lowering.slot(of: operands[0]), lowering.slot(of: operands[1]))
    let y = lowering.place(value, at: value, mayReplace: [operands[0]])
    let squares = lowering.place(Value(value.index, result: 1), at: value)
    lowering.call(value) {
      unsafe kernel.normalise(
        $0.floats(y), squares: $0.floats(squares), $0.floats(x), scale: $0.floats(scale))
    }
  }

  /// It reads x, the scale, the mean squares and the gradient of the result.
  var gradientKernel: GradientKernel? {
    GradientKernel(operands: [0, 1, 3, 4]) { value, operands, lowering in
      let kernel = kernel(lowering.rows(of: operands[0]))
      let slots = operands.map { lowering.slot(of: $0) }
      let x = lowering.place(value, at: value, mayReplace: [operands[3], operands[0]])
      let scale = lowering.place(Value(value.index, result: 1), at: value)
      lowering.call(value) {
        unsafe kernel.gradients(
          $0.floats(x), scale: $0.floats(scale), $0.floats(slots[0]), $0.floats(slots[3]),
          squares: $0.floats(slots[2]), scale: $0.floats(slots[1]))
      }
    }
  }

  private func kernel(_ rows: (count: Int, columns: Int)) -> RMSNormalisation {
    RMSNormalisation(rows: rows.count, columns: rows.columns, epsilon: epsilon)
  }
}
