internal import Diagnostics
internal import Graphs
internal import Kernels

extension Lowering {
  mutating func emitMatrixProduct(
    _ value: Value, transposeLeft: Bool, transposeRight: Bool
  ) throws(Failure) {
    let left = program.type(of: program[value].operands[0]).shape
    let result = program.type(of: value).shape
    let rank = result.rank
    let (rows, columns) = (result[rank - 2], result[rank - 1])
    let shape = MatrixProductShape(
      batch: result.count / (rows * columns), rows: rows,
      inner: left[rank - (transposeLeft ? 2 : 1)], columns: columns, transposeLeft: transposeLeft,
      transposeRight: transposeRight)
    try contractions.emitMatrixProduct(value, shape, in: &self)
  }

  /// Writes a convolution together with the addition of its bias.
  mutating func emitConvolution(addingBias value: Value) throws(Failure) {
    let (core, bias) = (program[value].operands[0], program[value].operands[1])
    guard case .convolution(let convolution) = program[core].operation else {
      preconditionFailure("\(value) adds no bias to a convolution")
    }
    try emitConvolution(core, convolution, bias: program[bias].operands[0], into: value)
  }

  mutating func emitConvolution(
    _ value: Value, _ convolution: Convolution, bias: Value?, into result: Value
  ) throws(Failure) {
    let operands = program[value].operands
    let shape = shape(convolution, input: operands[0], output: value, filter: operands[1])
    try contractions.emitConvolution(value, shape, bias: bias, into: result, in: &self)
  }

  mutating func emitConvolutionInputGradient(
    _ value: Value, _ convolution: Convolution
  ) throws(Failure) {
    let operands = program[value].operands
    let shape = shape(convolution, input: value, output: operands[0], filter: operands[1])
    try contractions.emitInputGradient(value, shape, in: &self)
  }

  mutating func emitConvolutionFilterGradient(
    _ value: Value, _ convolution: Convolution
  ) throws(Failure) {
    let operands = program[value].operands
    let shape = shape(convolution, input: operands[0], output: operands[1], filter: value)
    try contractions.emitFilterGradient(value, shape, in: &self)
  }

  private func shape(
    _ convolution: Convolution, input: Value, output: Value, filter: Value
  ) -> ConvolutionShape {
    let extents = { (value: Value) in program.type(of: value).shape.extents }
    let axes = [convolution.vertical, convolution.horizontal]
    return ConvolutionShape(
      input: extents(input), output: extents(output), filter: extents(filter),
      groups: convolution.groups, strides: axes.map(\.stride), dilations: axes.map(\.dilation),
      low: axes.map(\.low))
  }
}
