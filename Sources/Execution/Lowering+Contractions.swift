internal import COneDNN
internal import Diagnostics
internal import Graphs
internal import Kernels

extension Lowering {
  mutating func emitMatrixProduct(_ value: Value, transposeLeft: Bool, transposeRight: Bool) {
    let operands = program[value].operands
    let (left, right) = (program.type(of: operands[0]).shape, program.type(of: operands[1]).shape)
    let result = program.type(of: value).shape
    let rank = result.rank
    let (rows, columns) = (result[rank - 2], result[rank - 1])
    let inner = left[rank - (transposeLeft ? 2 : 1)]
    let batch = result.count / (rows * columns)
    let strides = (result.count / batch, left.count / batch, right.count / batch)
    let (y, a, b) = (destination(value), home(operands[0]), home(operands[1]))
    step(value) { frame in
      for i in 0..<batch {
        unsafe MatrixProduct.run(
          frame.floats(y) + i * strides.0, frame.floats(a) + i * strides.1,
          frame.floats(b) + i * strides.2, rows: rows, inner: inner, columns: columns,
          transposeLeft: transposeLeft, transposeRight: transposeRight)
      }
    }
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
    let (input, filter) = (program[value].operands[0], program[value].operands[1])
    let shape = convolutionShape(
      convolution, input: program.type(of: input).shape, output: program.type(of: value).shape,
      filter: program.type(of: filter).shape)
    let primitive = try Primitive.convolution(shape, hasBias: bias != nil)
    var tensors = [
      (DNNL_ARG_SRC, dnnl_query_src_md, home(input)),
      (
        DNNL_ARG_WEIGHTS, dnnl_query_weights_md,
        try weights(filter, of: primitive, shape, for: result)
      ),
      (DNNL_ARG_DST, dnnl_query_dst_md, destination(result)),
    ]
    // The bias is the second of the weights.
    if let bias { tensors.append((DNNL_ARG_BIAS, dnnl_query_weights_md, home(bias))) }
    try emit(result, primitive, tensors)
  }

  mutating func emitConvolutionInputGradient(
    _ value: Value, _ convolution: Convolution
  ) throws(Failure) {
    let (gradient, filter) = (program[value].operands[0], program[value].operands[1])
    let shape = convolutionShape(
      convolution, input: program.type(of: value).shape, output: program.type(of: gradient).shape,
      filter: program.type(of: filter).shape)
    let primitive = try Primitive.convolutionInputGradient(shape)
    let weights = try weights(filter, of: primitive, shape, for: value)
    try emit(
      value, primitive,
      [
        (DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, home(gradient)),
        (DNNL_ARG_WEIGHTS, dnnl_query_weights_md, weights),
        (DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, destination(value)),
      ])
  }

  mutating func emitConvolutionFilterGradient(
    _ value: Value, _ convolution: Convolution
  ) throws(Failure) {
    let (input, gradient) = (program[value].operands[0], program[value].operands[1])
    let shape = convolutionShape(
      convolution, input: program.type(of: input).shape, output: program.type(of: gradient).shape,
      filter: program.type(of: value).shape)
    let primitive = try Primitive.convolutionFilterGradient(shape)
    let canonical = try shape.canonicalFilter
    let made = try arrangement(dnnl_query_diff_weights_md, of: primitive)
    let y = destination(value)
    let target = made == canonical ? y : scratch(made.byteCount, at: value)
    try emit(
      value, primitive,
      [
        (DNNL_ARG_SRC, dnnl_query_src_md, home(input)),
        (DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, home(gradient)),
        (DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, target),
      ])
    if target != y { try reorder(made, target, to: canonical, y, for: value) }
  }

  private mutating func emit(
    _ value: Value, _ primitive: Primitive, _ tensors: [(Int32, dnnl_query_t, Slot)]
  ) throws(Failure) {
    var arguments: [PrimitiveArgument] = []
    for (role, query, slot) in tensors {
      let arrangement =
        role == DNNL_ARG_BIAS
        ? try arrangement(query, 1, of: primitive) : try arrangement(query, of: primitive)
      arguments.append(PrimitiveArgument(role: role, memory: memory(arrangement, slot)))
    }
    let scratchpad = try arrangement(dnnl_query_scratchpad_md, of: primitive)
    if scratchpad.byteCount > 0 {
      let slot = scratch(scratchpad.byteCount, at: value)
      arguments.append(
        PrimitiveArgument(role: DNNL_ARG_SCRATCHPAD, memory: memory(scratchpad, slot)))
    }
    step(value, primitive.implementation) { $0.execute(primitive, arguments) }
  }

  private mutating func weights(
    _ filter: Value, of primitive: Primitive, _ shape: ConvolutionShape, for user: Value
  ) throws(Failure) -> Slot {
    let wanted = try arrangement(dnnl_query_weights_md, of: primitive)
    return try self.filter(filter, as: wanted, canonical: shape.canonicalFilter, for: user)
  }

  private func arrangement(
    _ query: dnnl_query_t, _ index: Int32 = 0, of primitive: Primitive
  ) throws(Failure) -> MemoryArrangement {
    guard let arrangement = primitive.arrangement(query, index) else {
      throw Failure(.internalError, "oneDNN does not tell how it lays out a tensor")
    }
    return arrangement
  }

  private func convolutionShape(
    _ convolution: Convolution, input: Shape, output: Shape, filter: Shape
  ) -> ConvolutionShape {
    let axes = [convolution.vertical, convolution.horizontal]
    return ConvolutionShape(
      input: input.extents, output: output.extents, filter: filter.extents,
      groups: convolution.groups, strides: axes.map(\.stride), dilations: axes.map(\.dilation),
      low: axes.map(\.low))
  }
}
