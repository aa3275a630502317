internal import Diagnostics
internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes a normalisation, a pooling or a contraction with its epilogue.
  mutating func emit(_ epilogue: Epilogue, into value: Value) throws(Failure) {
    switch program[epilogue.core].operation {
    case .matrixProduct:
      let shape = MatrixProductShape(of: epilogue.core, in: program)
      try contractions.emitMatrixProduct(epilogue, shape, into: value, in: &self)
    case .convolution:
      let shape = ConvolutionShape(of: epilogue.core, in: program)
      try contractions.emitConvolution(epilogue, shape, into: value, in: &self)
    case .maxPool(let window):
      emitMaxPool(epilogue, window, into: value)
    default:
      emitBatchNorm(epilogue, into: value)
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
      if DepthwiseFilterGradient.suits(shape) { return emitDepthwise(value, shape) }
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

  private mutating func emitDepthwise(_ value: Value, _ shape: ConvolutionShape) {
    let kernel = DepthwiseFilterGradient(shape)
    let operands = program[value].operands.map(slot(of:))
    let scratch = scratch(4 * kernel.scratchCount, at: value)
    let y = destination(value)
    call(value, "depthwise") {
      unsafe kernel.run(
        $0.floats(y), $0.floats(operands[0]), $0.floats(operands[1]), scratch: $0.floats(scratch))
    }
  }

  /// Writes a convolution and its bias before a stage that is the only reader of its output.
  mutating func emitConvolution(_ value: Value, before stage: SampleStage) {
    let epilogue = analysis.epilogues[value] ?? Epilogue(core: value)
    sampleContractions.emitConvolution(
      epilogue.core, ConvolutionShape(of: epilogue.core, in: program), bias: epilogue.addend,
      before: stage, in: &self)
  }

  /// The same before a pooling; returns false if the engine has no kernel for both.
  mutating func emitConvolution(_ value: Value, before pooling: PoolingStage) -> Bool {
    let epilogue = analysis.epilogues[value] ?? Epilogue(core: value)
    return sampleContractions.emitConvolution(
      epilogue.core, ConvolutionShape(of: epilogue.core, in: program), bias: epilogue.addend,
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
  /// The extents of a convolution, or of the convolution whose gradient this is.
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
