internal import Graphs
internal import Kernels

extension Composite.GELU: FusedComposite {
  func emit(_ value: Value, in lowering: inout Lowering) {
    let operand = lowering.program[value].operands[0]
    let (x, count) = (lowering.slot(of: operand), lowering.program.type(of: value).count)
    let y = lowering.place(value, at: value, mayReplace: [operand])
    let slopes = lowering.place(Value(value.index, result: 1), at: value)
    lowering.call(value) {
      unsafe Elementwise.gelu($0.floats(y), slopes: $0.floats(slopes), $0.floats(x), count)
    }
  }

  /// It reads the derivatives and the gradient of the result.
  var gradientKernel: GradientKernel? {
    GradientKernel(operands: [2, 3]) { value, operands, lowering in
      let (slopes, g) = (lowering.slot(of: operands[0]), lowering.slot(of: operands[1]))
      let count = lowering.program.type(of: value).count
      let y = lowering.destination(value, mayReplace: [operands[1], operands[0]])
      lowering.call(value) {
        unsafe Elementwise.multiply.run(
          $0.floats(y), $0.floats(g), $0.floats(slopes), $0.floats(g), count)
      }
    }
  }
}
