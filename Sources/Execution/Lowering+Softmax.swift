internal import Graphs
internal import Kernels

extension Lowering {
  mutating func emitSoftmax(_ value: Value) {
    let x = program[value].operands[0]
    let (rows, columns) = rows(of: x)
    let (y, source) = (destination(value), home(x))
    step(value) {
      unsafe Softmax.softmax($0.floats(y), $0.floats(source), rows: rows, columns: columns)
    }
  }

  mutating func emitCrossEntropy(_ value: Value) {
    let operands = program[value].operands
    let (rows, columns) = rows(of: operands[0])
    let (x, labels) = (home(operands[0]), home(operands[1]))
    let losses = place(value, at: value)
    let probabilities = place(
      Value(value.index, result: 1), at: value, mayReplace: [operands[0]])
    step(value) {
      unsafe Softmax.crossEntropy(
        $0.floats(losses), probabilities: $0.floats(probabilities), $0.floats(x),
        $0.integers(labels), rows: rows, columns: columns)
    }
  }

  mutating func emitCrossEntropyGradient(_ value: Value) {
    let read = program[value].read
    let (rows, columns) = rows(of: value)
    let (labels, probabilities, gradient) = (home(read[0]), home(read[1]), home(read[2]))
    let y = destination(value, mayReplace: [read[1]])
    step(value) {
      unsafe Softmax.crossEntropyGradient(
        $0.floats(y), probabilities: $0.floats(probabilities), $0.integers(labels),
        $0.floats(gradient), rows: rows, columns: columns)
    }
  }

  /// A value as rows along its last axis.
  private func rows(of value: Value) -> (count: Int, columns: Int) {
    let shape = program.type(of: value).shape
    let columns = shape[shape.rank - 1]
    return (shape.count / columns, columns)
  }
}
