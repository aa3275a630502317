internal import Graphs
internal import Kernels

extension Composite.Softmax: FusedComposite {
  func emit(_ value: Value, in lowering: inout Lowering) {
    let x = lowering.program[value].operands[0]
    let (rows, columns) = lowering.rows(of: x)
    let (y, source) = (lowering.destination(value), lowering.slot(of: x))
    lowering.call(value) {
      unsafe Softmax.softmax($0.floats(y), $0.floats(source), rows: rows, columns: columns)
    }
  }

  var gradientKernel: GradientKernel? { nil }
}

extension Composite.SoftmaxCrossEntropy: FusedComposite {
  func emit(_ value: Value, in lowering: inout Lowering) {
    let operands = lowering.program[value].operands
    let (rows, columns) = lowering.rows(of: operands[0])
    let (x, labels) = (lowering.slot(of: operands[0]), lowering.slot(of: operands[1]))
    let losses = lowering.place(value, at: value)
    let probabilities = lowering.place(
      Value(value.index, result: 1), at: value, mayReplace: [operands[0]])
    lowering.call(value) {
      unsafe Softmax.crossEntropy(
        $0.floats(losses), probabilities: $0.floats(probabilities), $0.floats(x),
        $0.integers(labels), rows: rows, columns: columns)
    }
  }

  /// It reads the labels, the probabilities and the gradient of the losses.
  var gradientKernel: GradientKernel? {
    GradientKernel(operands: [1, 3, 4]) { value, operands, lowering in
      let (rows, columns) = lowering.rows(of: value)
      let (labels, probabilities, gradient) = (
        lowering.slot(of: operands[0]), lowering.slot(of: operands[1]),
        lowering.slot(of: operands[2])
      )
      let y = lowering.destination(value, mayReplace: [operands[1]])
      lowering.call(value) {
        unsafe Softmax.crossEntropyGradient(
          $0.floats(y), probabilities: $0.floats(probabilities), $0.integers(labels),
          $0.floats(gradient), rows: rows, columns: columns)
      }
    }
  }
}
