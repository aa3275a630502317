internal import Diagnostics
internal import Graphs
internal import Kernels

/// Contractions on oneDNN.
///
/// Convolutions are primitives, which work on memory objects of a session; filters are reordered to
/// the layout of a primitive. Matrix products and some convolutions are tiles, which are faster.
final class OneDNNContractions: Contractions, @unchecked Sendable {
  private var memories: [(arrangement: MemoryArrangement, slot: Slot)] = []

  init() throws(Failure) { try OneDNN.start() }

  /// A primitive that applies ReLU makes 0 of NaN, which would hide it.
  func epilogue(of value: Value, in program: Program) -> EpilogueSupport {
    guard case .convolution = program[value].operation else {
      return productEpilogue(of: value, in: program)
    }
    return TiledConvolution.suits(ConvolutionShape(of: value, in: program)) ? .biasAndReLU : .bias
  }

  func emitConvolution(
    _ epilogue: Epilogue, _ shape: ConvolutionShape, into result: Value,
    in lowering: inout Lowering
  ) throws(Failure) {
    if TiledConvolution.suits(shape) {
      return emitTiledConvolution(epilogue, shape, into: result, in: &lowering)
    }
    let operands = lowering.program[epilogue.core].operands
    let primitive = try Primitive.convolution(shape, hasBias: epilogue.addend != nil)
    var tensors: [(PrimitiveTensor, Slot)] = [
      (.source, lowering.slot(of: operands[0])),
      (.weights, try weights(operands[1], of: primitive, shape, for: result, in: &lowering)),
      (.destination, lowering.destination(result)),
    ]
    if let bias = epilogue.addend { tensors.append((.bias, lowering.slot(of: bias))) }
    try emit(result, primitive, tensors, in: &lowering)
  }

  func emitInputGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering
  ) throws(Failure) {
    if TiledInputGradient.suits(shape) {
      return emitTiledInputGradient(value, shape, in: &lowering)
    }
    let operands = lowering.program[value].operands
    let primitive = try Primitive.convolutionInputGradient(shape)
    let weights = try weights(operands[1], of: primitive, shape, for: value, in: &lowering)
    try emit(
      value, primitive,
      [
        (.destinationGradient, lowering.slot(of: operands[0])), (.weights, weights),
        (.sourceGradient, lowering.destination(value)),
      ], in: &lowering)
  }

  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering
  ) throws(Failure) {
    if TiledFilterGradient.suits(shape) {
      return emitTiledFilterGradient(value, shape, in: &lowering)
    }
    let operands = lowering.program[value].operands
    let primitive = try Primitive.convolutionFilterGradient(shape)
    let canonical = try shape.canonicalFilter
    let made = try primitive.arrangement(of: .weightsGradient)
    let y = lowering.destination(value)
    let target = made == canonical ? y : lowering.scratch(made.byteCount, at: value)
    try emit(
      value, primitive,
      [
        (.source, lowering.slot(of: operands[0])),
        (.destinationGradient, lowering.slot(of: operands[1])),
        (.weightsGradient, target),
      ], in: &lowering)
    if target != y {
      let (primitive, arguments) = try reorder(made, target, to: canonical, y)
      lowering.call(value, "reorder", moves: true) { $0.execute(primitive, arguments) }
    }
  }

  private func emit(
    _ value: Value, _ primitive: Primitive, _ tensors: [(PrimitiveTensor, Slot)],
    in lowering: inout Lowering
  ) throws(Failure) {
    var arguments: [PrimitiveArgument] = []
    for (tensor, slot) in tensors {
      arguments.append(argument(tensor, try primitive.arrangement(of: tensor), slot))
    }
    let scratchpad = try primitive.arrangement(of: .scratchpad)
    if scratchpad.byteCount > 0 {
      let slot = lowering.scratch(scratchpad.byteCount, at: value)
      arguments.append(argument(.scratchpad, scratchpad, slot))
    }
    lowering.call(value, primitive.implementation) { [arguments] in
      $0.execute(primitive, arguments)
    }
  }

  /// The slot of a filter in the layout of a primitive: packed if it is a parameter.
  private func weights(
    _ filter: Value, of primitive: Primitive, _ shape: ConvolutionShape, for user: Value,
    in lowering: inout Lowering
  ) throws(Failure) -> Slot {
    let (wanted, canonical) = (
      try primitive.arrangement(of: .weights), try shape.canonicalFilter
    )
    let home = lowering.slot(of: filter)
    if wanted == canonical { return home }
    let form = ReorderedForm(canonical: canonical, wanted: wanted)
    if let slot = lowering.packed(filter, in: form, for: user) { return slot }
    let slot = lowering.scratch(wanted.byteCount, at: user)
    let (primitive, arguments) = try reorder(canonical, home, to: wanted, slot)
    lowering.call(user, "reorder", moves: true) { $0.execute(primitive, arguments) }
    return slot
  }

  private func reorder(
    _ from: MemoryArrangement, _ source: Slot, to: MemoryArrangement, _ target: Slot
  ) throws(Failure) -> (Primitive, [PrimitiveArgument]) {
    (
      try Primitive(reorder: from, to: to),
      [argument(.source, from, source), argument(.destination, to, target)]
    )
  }

  private func argument(
    _ tensor: PrimitiveTensor, _ arrangement: MemoryArrangement, _ slot: Slot
  ) -> PrimitiveArgument {
    memories.append((arrangement, slot))
    return PrimitiveArgument(tensor, memory: memories.count - 1)
  }

  func makeSession(
    _ addresses: UnsafePointer<UnsafeMutableRawPointer>, moving: [Slot]
  ) throws(Failure) -> (any ContractionSession)? {
    try unsafe OneDNNSession(memories, addresses, moving: Set(moving))
  }
}

/// A filter in the layout of a primitive.
private struct ReorderedForm: WeightForm {
  let canonical: MemoryArrangement
  let wanted: MemoryArrangement

  var byteCount: Int { wanted.byteCount }
  var pieceCount: Int { FilterReorder.pieceCount(wanted) }

  func packer(
    from source: UnsafePointer<Float>, to target: UnsafeMutableRawPointer
  ) throws(Failure) -> (Range<Int>) -> Void {
    let reorder = try unsafe FilterReorder(from: canonical, at: source, to: wanted, at: target)
    return { reorder.run($0) }
  }
}

/// The memory objects of a worker, and which of them follow slots that move.
private final class OneDNNSession: ContractionSession {
  let primitives: PrimitiveSession
  private let moving: [(memory: Int, slot: Slot)]

  init(
    _ memories: [(arrangement: MemoryArrangement, slot: Slot)],
    _ addresses: UnsafePointer<UnsafeMutableRawPointer>, moving: Set<Slot>
  ) throws(Failure) {
    primitives = try unsafe PrimitiveSession(
      memories.map { unsafe (arrangement: $0.arrangement, address: addresses[$0.slot.index]) })
    self.moving = memories.enumerated().compactMap { memory, request in
      moving.contains(request.slot) ? (memory, request.slot) : nil
    }
  }

  func follow(_ addresses: UnsafePointer<UnsafeMutableRawPointer>) {
    for (memory, slot) in moving { unsafe primitives.move(memory, to: addresses[slot.index]) }
  }
}

extension Frame {
  /// Runs a primitive on the memories with these numbers.
  fileprivate func execute(_ primitive: Primitive, _ arguments: [PrimitiveArgument]) {
    guard let session = contractions as? OneDNNSession else {
      preconditionFailure("a primitive runs without a session of oneDNN")
    }
    session.primitives.execute(primitive, arguments)
  }
}
