internal import Diagnostics
internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes the kernel calls of one instruction: the table from operations to kernels.
  mutating func emit(_ value: Value) throws(Failure) {
    let instruction = program[value]
    let operands = instruction.operands
    if let products = analysis.gradientProducts[value] {
      return emitGradient(value, of: products)
    }
    switch instruction.operation {
    case .input(let name):
      emitInput(value, name)
    case .parameter(let name):
      try emitParameter(value, name)
    case .constant(let number):
      let (y, type) = (destination(value), instruction.type)
      call(value) { unsafe type.number.fill($0.raw(y), with: number, type.count) }
    case .random(let stream):
      emitRandom(value, stream)
    case .unary, .compare, .select, .convert:
      emitElementwise(value)
    case .binary:
      if let epilogue = analysis.epilogues[value] {
        try emit(epilogue, into: value)
      } else {
        emitElementwise(value)
      }
    case .reduce(let reduction, let axes):
      emit(reduction, value, axes: axes)
    case .reshape:
      preconditionFailure("a reshape has the memory of its operand")
    case .concatenate where !analysis.members[value.index].isEmpty:
      emitElementwise(value)
    case .slice(let ranges):
      if !emitParameterRows(value, ranges) { emitMovement(value) }
    case .permute, .broadcast, .pad, .concatenate, .reverse:
      emitMovement(value)
    case .gather:
      let (y, table, indices) = (destination(value), slot(of: operands[0]), slot(of: operands[1]))
      let tableType = program.type(of: operands[0])
      let count = program.type(of: operands[1]).count
      let (rows, rowBytes) = (tableType.shape[0], tableType.byteCount / tableType.shape[0])
      call(value) {
        unsafe Indexing.gather(
          $0.raw(y), $0.raw(table), $0.integers(indices), count: count, rows: rows,
          rowBytes: rowBytes)
      }
    case .scatterAdd(let rows):
      let (y, indices, updates) = (destination(value), slot(of: operands[0]), slot(of: operands[1]))
      let count = program.type(of: operands[0]).count
      let columns = program.type(of: operands[1]).count / count
      call(value) {
        unsafe Indexing.scatterAdd(
          $0.floats(y), $0.integers(indices), $0.floats(updates), count: count, rows: rows,
          columns: columns)
      }
    case .oneHot(let classes):
      let (y, indices) = (destination(value), slot(of: operands[0]))
      let count = program.type(of: operands[0]).count
      call(value) {
        unsafe Indexing.oneHot($0.floats(y), $0.integers(indices), count: count, classes: classes)
      }
    case .matrixProduct, .convolution, .maxPool:
      try emit(Epilogue(core: value), into: value)
    case .convolutionInputGradient:
      try emitConvolutionInputGradient(value)
    case .convolutionFilterGradient:
      try emitConvolutionFilterGradient(value)
    case .poolGather(let window):
      emitPoolGather(value, window)
    case .poolScatter:
      emitPoolScatter(value)
    case .poolSum(let window):
      emitPoolSum(value, window)
    case .poolSpread(let window, _, _):
      emitPoolSpread(value, window)
    case .scan(let scan):
      try emit(scan, value)
    case .composite(let composite):
      emit(composite, value)
    }
  }

  private mutating func emitRandom(_ value: Value, _ stream: Int) {
    let (y, shape) = (destination(value), program.type(of: value).shape)
    call(value) { frame in
      let numbers = unsafe UnsafeMutableBufferPointer(start: frame.floats(y), count: shape.count)
      unsafe frame.random.fill(numbers, stream: stream, samples: shape.samples)
    }
  }

  private mutating func emit(_ reduction: Reduction, _ value: Value, axes: [Int]) {
    let shape = program.type(of: program[value].operands[0]).shape
    var source = slot(of: program[value].operands[0])
    let (first, last) = (axes.first ?? 0, axes.last ?? -1)
    let between = (first...max(first, last)).filter { !axes.contains($0) && shape[$0] != 1 }
    var (outer, reduced, inner) = (
      shape.extents[..<first].reduce(1, *), shape.extents[first...last].reduce(1, *),
      shape.extents[(last + 1)...].reduce(1, *)
    )
    if !between.isEmpty {
      // Reduced axes that are not adjacent are first moved behind the others.
      let kept = (0..<shape.rank).filter { !axes.contains($0) }
      (outer, inner) = (kept.map { shape[$0] }.reduce(1, *), 1)
      reduced = shape.count / outer
      let target = scratch(4 * shape.count, at: value)
      let copy = StridedCopy.permutation(of: shape, order: kept + axes, elementSize: 4)
      let from = source
      call(value, "gather axes", moves: true) {
        unsafe copy.run(from: $0.raw(from), to: $0.raw(target))
      }
      source = target
    }
    let (y, x) = (destination(value), source)
    let extents = (outer, reduced, inner)
    switch reduction {
    case .sum:
      call(value) {
        unsafe Reductions.sum(
          $0.floats(y), $0.floats(x), outer: extents.0, reduced: extents.1, inner: extents.2)
      }
    case .maximum:
      call(value) {
        unsafe Reductions.maximum(
          $0.floats(y), $0.floats(x), outer: extents.0, reduced: extents.1, inner: extents.2)
      }
    }
  }
}
