internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes a movement operation as a strided copy, after zeros where the copy leaves gaps.
  mutating func emitMovement(_ value: Value) {
    let instruction = program[value]
    let shape = instruction.type.shape
    let size = instruction.type.number.size
    let from = program.type(of: instruction.operands[0]).shape
    let sources = instruction.operands.map(slot(of:))
    let y = destination(value)
    switch instruction.operation {
    case .permute(let order):
      let copy = StridedCopy.permutation(of: from, order: order, elementSize: size)
      call(value) { unsafe copy.run(from: $0.raw(sources[0]), to: $0.raw(y)) }
    case .broadcast:
      let strides = zip(from.extents, from.strides).map { $0 == 1 ? 0 : $1 }
      let copy = StridedCopy(
        extents: shape.extents, sourceStrides: strides, destinationStrides: shape.strides,
        elementSize: size)
      call(value) { unsafe copy.run(from: $0.raw(sources[0]), to: $0.raw(y)) }
    case .slice(let ranges):
      let copy = StridedCopy(
        extents: shape.extents,
        sourceStrides: zip(ranges, from.strides).map { $0.stride * $1 },
        destinationStrides: shape.strides,
        sourceOffset: zip(ranges, from.strides).reduce(0) { $0 + $1.0.start * $1.1 },
        elementSize: size)
      call(value) { unsafe copy.run(from: $0.raw(sources[0]), to: $0.raw(y)) }
    case .pad(let paddings):
      let copy = StridedCopy(
        extents: from.extents, sourceStrides: from.strides,
        destinationStrides: zip(paddings, shape.strides).map { ($0.interior + 1) * $1 },
        destinationOffset: zip(paddings, shape.strides).reduce(0) { $0 + $1.0.low * $1.1 },
        elementSize: size)
      let bytes = instruction.type.byteCount
      call(value) {
        unsafe $0.bytes(y).update(repeating: 0, count: bytes)
        unsafe copy.run(from: $0.raw(sources[0]), to: $0.raw(y))
      }
    case .concatenate(let axis):
      var start = 0
      for (operand, source) in zip(instruction.operands, sources) {
        let part = program.type(of: operand).shape
        let copy = StridedCopy(
          extents: part.extents, sourceStrides: part.strides, destinationStrides: shape.strides,
          destinationOffset: start * shape.strides[axis], elementSize: size)
        call(value, "from \(start)") { unsafe copy.run(from: $0.raw(source), to: $0.raw(y)) }
        start += part[axis]
      }
    case .reverse(let axes):
      let strides = from.strides
      let copy = StridedCopy(
        extents: shape.extents,
        sourceStrides: strides.indices.map { axes.contains($0) ? -strides[$0] : strides[$0] },
        destinationStrides: shape.strides,
        sourceOffset: axes.reduce(0) { $0 + (from[$1] - 1) * strides[$1] }, elementSize: size)
      call(value) { unsafe copy.run(from: $0.raw(sources[0]), to: $0.raw(y)) }
    default:
      preconditionFailure("\(instruction.operation) is not a movement")
    }
  }
}

extension StridedCopy {
  /// Copies so that axis i of the result is axis `order[i]` of the source.
  static func permutation(of shape: Shape, order: [Int], elementSize: Int) -> StridedCopy {
    let result = Shape(order.map { shape[$0] })
    return StridedCopy(
      extents: result.extents, sourceStrides: order.map { shape.strides[$0] },
      destinationStrides: result.strides, elementSize: elementSize)
  }
}
