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
    let (core, bias) = convolution(of: value)
    try emitConvolution(core, bias: bias, into: value)
  }

  mutating func emitConvolution(
    _ value: Value, bias: Value?, into result: Value
  ) throws(Failure) {
    let shape = ConvolutionShape(of: value, in: program)
    try contractions.emitConvolution(value, shape, bias: bias, into: result, in: &self)
  }

  mutating func emitConvolutionInputGradient(_ value: Value) throws(Failure) {
    let shape = ConvolutionShape(of: value, in: program)
    try contractions.emitInputGradient(value, shape, in: &self)
  }

  mutating func emitConvolutionFilterGradient(_ value: Value) throws(Failure) {
    let shape = ConvolutionShape(of: value, in: program)
    let map = program[value].operands[1]
    guard analysis.leaders[map.index] == value else {
      return try contractions.emitFilterGradient(value, shape, in: &self)
    }
    if let pooling = scatteringStage(map),
      sampleContractions.emitFilterGradient(value, shape, after: pooling, in: &self)
    {
      return
    }
    sampleContractions.emitFilterGradient(
      value, shape, after: unsafe SampleStage(value: map, run: poolScatter(map)), in: &self)
  }

  /// Writes a convolution and its bias before a stage that alone reads its output.
  mutating func emitConvolution(_ value: Value, before stage: SampleStage) {
    let (core, bias) = convolution(of: value)
    sampleContractions.emitConvolution(
      core, ConvolutionShape(of: core, in: program), bias: bias, before: stage, in: &self)
  }

  /// The same before a pooling, if the engine has a kernel for both.
  mutating func emitConvolution(_ value: Value, before pooling: PoolingStage) -> Bool {
    let (core, bias) = convolution(of: value)
    return sampleContractions.emitConvolution(
      core, ConvolutionShape(of: core, in: program), bias: bias, before: pooling, in: &self)
  }

  /// The convolution that a value is, or that it adds a bias to.
  private func convolution(of value: Value) -> (core: Value, bias: Value?) {
    guard analysis.addsBias[value.index] else { return (value, nil) }
    return (program[value].operands[0], program[program[value].operands[1]].operands[0])
  }

  private var sampleContractions: any SampleContractions {
    guard let contractions = contractions as? any SampleContractions else {
      preconditionFailure("the engine does not take samples in turn")
    }
    return contractions
  }
}

extension ConvolutionShape {
  /// The extents of a convolution, or of the one that a gradient belongs to.
  init(of value: Value, in program: Program) {
    let operands = program[value].operands
    let (convolution, input, filter, output): (Convolution, Value, Value, Value) =
      switch program[value].operation {
      case .convolution(let convolution): (convolution, operands[0], operands[1], value)
      case .convolutionInputGradient(let convolution, _, _):
        (convolution, value, operands[1], operands[0])
      case .convolutionFilterGradient(let convolution):
        (convolution, operands[0], value, operands[1])
      default: preconditionFailure("\(value) is no convolution")
      }
    let extents = { (value: Value) in program.type(of: value).shape.extents }
    let axes = [convolution.vertical, convolution.horizontal]
    self.init(
      input: extents(input), output: extents(output), filter: extents(filter),
      groups: convolution.groups, strides: axes.map(\.stride), dilations: axes.map(\.dilation),
      low: axes.map(\.low))
  }
}
