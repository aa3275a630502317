internal import Diagnostics
internal import Graphs
internal import Kernels

/// Contractions on OpenBLAS: a convolution is a product with a column matrix.
///
/// The order of sums in `sgemm` is not specified, so gradients are added by separate calls.
final class OpenBLASContractions: Contractions, @unchecked Sendable {
  private let library: OpenBLAS

  init() throws(Failure) { library = try OpenBLAS.shared }

  func epilogue(of value: Value, in program: Program) -> EpilogueSupport {
    if case .convolution = program[value].operation { .bias } else { .none }
  }

  func emitMatrixProduct(
    _ epilogue: Epilogue, _ shape: MatrixProductShape, into value: Value,
    in lowering: inout Lowering
  ) {
    let operands = lowering.program[epilogue.core].operands
    let (y, a, b) = (
      lowering.destination(value), lowering.slot(of: operands[0]), lowering.slot(of: operands[1])
    )
    lowering.call(value, library.kernels) { [library] frame in
      unsafe library.multiply(frame.floats(y), frame.floats(a), frame.floats(b), shape)
    }
  }

  func emitConvolution(
    _ epilogue: Epilogue, _ shape: ConvolutionShape, into result: Value,
    in lowering: inout Lowering
  ) {
    let operands = lowering.program[epilogue.core].operands
    let convolution = ColumnConvolution(shape, on: library)
    let filter = filter(operands[1], of: convolution, for: result, in: &lowering)
    let (y, x) = (lowering.destination(result), lowering.slot(of: operands[0]))
    let bias = epilogue.addend.map { lowering.slot(of: $0) }
    let scratch = lowering.scratch(4 * convolution.scratchCount, at: result)
    lowering.call(result, library.kernels) { frame in
      unsafe convolution.run(
        frame.floats(y), frame.floats(x), frame.floats(filter),
        bias: bias.map { unsafe UnsafePointer(frame.floats($0)) }, scratch: frame.floats(scratch))
    }
  }

  func emitInputGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering
  ) {
    let operands = lowering.program[value].operands
    let convolution = ColumnConvolution(shape, on: library)
    let filter = filter(operands[1], of: convolution, for: value, in: &lowering)
    let (dx, dy) = (lowering.destination(value), lowering.slot(of: operands[0]))
    let scratch = lowering.scratch(4 * convolution.scratchCount, at: value)
    lowering.call(value, library.kernels) { frame in
      unsafe convolution.inputGradient(
        frame.floats(dx), frame.floats(dy), frame.floats(filter), scratch: frame.floats(scratch))
    }
  }

  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering
  ) {
    let operands = lowering.program[value].operands
    let convolution = ColumnConvolution(shape, on: library)
    let gradient = lowering.destination(value)
    let (x, dy) = (lowering.slot(of: operands[0]), lowering.slot(of: operands[1]))
    let scratch = lowering.scratch(4 * convolution.scratchCount, at: value)
    let made =
      convolution.ordersFilters
      ? lowering.scratch(lowering.program.type(of: value).byteCount, at: value) : gradient
    lowering.call(value, library.kernels) { frame in
      unsafe convolution.filterGradient(
        frame.floats(made), frame.floats(x), frame.floats(dy), scratch: frame.floats(scratch))
    }
    if made != gradient {
      let copy = convolution.canonicalOrder
      lowering.call(value, "reorder", moves: true) {
        unsafe copy.run(from: $0.raw(made), to: $0.raw(gradient))
      }
    }
  }

  /// The slot of a filter in the order of the rows of the column matrix: packed if it is a
  /// parameter.
  private func filter(
    _ filter: Value, of convolution: ColumnConvolution, for user: Value, in lowering: inout Lowering
  ) -> Slot {
    let home = lowering.slot(of: filter)
    guard convolution.ordersFilters else { return home }
    let bytes = lowering.program.type(of: filter).byteCount
    let copy = convolution.filterOrder
    if let slot = lowering.packed(filter, in: CopiedForm(copy, byteCount: bytes), for: user) {
      return slot
    }
    let slot = lowering.scratch(bytes, at: user)
    lowering.call(user, "reorder", moves: true) {
      unsafe copy.run(from: $0.raw(home), to: $0.raw(slot))
    }
    return slot
  }

  func makeSession(
    _ addresses: UnsafePointer<UnsafeMutableRawPointer>, moving: [Slot]
  ) -> (any ContractionSession)? { nil }
}

/// A parameter whose elements are copied into another order.
private struct CopiedForm: WeightForm {
  let byteCount: Int
  private let copy: StridedCopy

  init(_ copy: StridedCopy, byteCount: Int) {
    self.copy = copy
    self.byteCount = byteCount
  }

  var pieceCount: Int { copy.pieceCount }

  func packer(
    from source: UnsafePointer<Float>, to target: UnsafeMutableRawPointer
  ) -> (Range<Int>) -> Void {
    { unsafe copy.run($0, from: source, to: target) }
  }
}
