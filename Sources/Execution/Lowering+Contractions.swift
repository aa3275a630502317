internal import Diagnostics
internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes a normalisation, a pooling or a contraction with what follows it in the same pass.
  mutating func emit(_ chain: Chain, into value: Value) throws(Failure) {
    let ending = Ending(value: value, bias: chain.addend, isLimited: chain.isLimited)
    switch program[chain.core].operation {
    case .matrixProduct:
      let shape = MatrixProductShape(of: chain.core, in: program)
      try contractions.emitMatrixProduct(chain.core, shape, ending, in: &self)
    case .convolution:
      let shape = ConvolutionShape(of: chain.core, in: program)
      try contractions.emitConvolution(chain.core, shape, ending, in: &self)
    case .maxPool(let window):
      emitMaxPool(chain, window, into: value)
    default:
      emitBatchNorm(chain, into: value)
    }
  }

  mutating func emitGradient(_ value: Value, of products: [Value]) {
    guard let contractions = contractions as? any GradientContractions else {
      preconditionFailure("the engine does not add gradients up")
    }
    contractions.emitGradient(value, of: products, in: &self)
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
    let chain = analysis.chains[value] ?? Chain(core: value)
    sampleContractions.emitConvolution(
      chain.core, ConvolutionShape(of: chain.core, in: program), bias: chain.addend,
      before: stage, in: &self)
  }

  /// The same before a pooling, if the engine has a kernel for both.
  mutating func emitConvolution(_ value: Value, before pooling: PoolingStage) -> Bool {
    let chain = analysis.chains[value] ?? Chain(core: value)
    return sampleContractions.emitConvolution(
      chain.core, ConvolutionShape(of: chain.core, in: program), bias: chain.addend,
      before: pooling, in: &self)
  }

  private var sampleContractions: any SampleContractions {
    guard let contractions = contractions as? any SampleContractions else {
      preconditionFailure("the engine does not take samples in turn")
    }
    return contractions
  }
}

extension MatrixProductShape {
  /// The extents of a product.
  init(of value: Value, in program: Program) {
    guard case .matrixProduct(let transposeLeft, let transposeRight) = program[value].operation
    else { preconditionFailure("\(value) is no product") }
    let left = program.type(of: program[value].operands[0]).shape
    let result = program.type(of: value).shape
    let rank = result.rank
    let (rows, columns) = (result[rank - 2], result[rank - 1])
    self.init(
      batch: result.count / (rows * columns), rows: rows,
      inner: left[rank - (transposeLeft ? 2 : 1)], columns: columns, transposeLeft: transposeLeft,
      transposeRight: transposeRight)
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
