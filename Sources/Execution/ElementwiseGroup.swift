internal import Graphs
internal import Kernels

/// A chain of elementwise operations that runs over blocks small enough to stay in the first cache,
/// so that only what others read is written to memory.
@safe final class ElementwiseGroup: @unchecked Sendable {
  enum Kernel {
    case unary(Unary), binary(Binary), compare(Comparison), select, convert
  }

  /// Where an operand or a result stands.
  enum Place {
    /// A value with memory of its own; elements of so many bytes.
    case slot(Slot, size: Int)
    /// A value of this block only, so many bytes into the scratch memory.
    case scratch(Int)
    case constant(ConstantCell)
  }

  enum Form {
    /// An element for each element.
    case dense
    /// One row for all rows, one element for each row, or one for all.
    case row, column, single
  }

  struct Operand {
    let place: Place
    let form: Form
  }

  struct Operation {
    let kernel: Kernel
    let operands: [Operand]
    let result: Place
  }

  /// Elements of a block: a few blocks of floats fit the first cache.
  static let blockCount = 2048

  private let outer: Int
  private let inner: Int
  private let operations: [Operation]
  private let scratch: Slot
  /// Short rows are repeated over a block once, so that loops do not end with each of them.
  private let rows: [(source: Slot, offset: Int)]
  private let hasColumns: Bool
  private let rowsPerBlock: Int
  private let columnsPerBlock: Int

  /// Operands of form `row` that stand repeated in the scratch memory instead are the `rows`.
  init(
    outer: Int, inner: Int, operations: [Operation], scratch: Slot,
    rows: [(source: Slot, offset: Int)]
  ) {
    self.outer = outer
    self.inner = inner
    self.operations = operations
    self.scratch = scratch
    self.rows = rows
    hasColumns = operations.contains { $0.operands.contains { $0.form == .column } }
    (rowsPerBlock, columnsPerBlock) = ElementwiseGroup.block(outer: outer, inner: inner)
  }

  /// The rows and columns of a block: whole rows if they are short.
  static func block(outer: Int, inner: Int) -> (rows: Int, columns: Int) {
    inner <= blockCount ? (min(outer, max(1, blockCount / inner)), inner) : (1, blockCount)
  }

  func run(_ frame: Frame) {
    let scratch = unsafe frame.raw(self.scratch)
    for (source, offset) in rows {
      let pattern = unsafe (scratch + offset).assumingMemoryBound(to: Float.self)
      for row in 0..<rowsPerBlock {
        unsafe (pattern + row * inner).update(from: frame.floats(source), count: inner)
      }
    }
    for row in stride(from: 0, to: outer, by: rowsPerBlock) {
      for column in stride(from: 0, to: inner, by: columnsPerBlock) {
        let block = Block(
          row: row, column: column, rows: min(rowsPerBlock, outer - row),
          columns: min(columnsPerBlock, inner - column))
        for operation in operations { unsafe run(operation, block, frame, scratch) }
      }
    }
  }

  private struct Block {
    let row: Int
    let column: Int
    let rows: Int
    let columns: Int

    var count: Int { rows * columns }
  }

  private func run(
    _ operation: Operation, _ block: Block, _ frame: Frame, _ scratch: UnsafeMutableRawPointer
  ) {
    let first = block.row * inner + block.column
    // Without operands that differ by row, a block is one long row.
    let (outer, inner) = hasColumns ? (block.rows, block.columns) : (1, block.count)
    let result = unsafe address(operation.result, first, frame, scratch)
    func raw(_ i: Int) -> UnsafeRawPointer {
      unsafe UnsafeRawPointer(address(operation.operands[i].place, first, frame, scratch))
    }
    func strided(_ i: Int) -> StridedOperand {
      let operand = operation.operands[i]
      switch operand.form {
      case .dense:
        return unsafe StridedOperand(
          raw(i).assumingMemoryBound(to: Float.self), outerStride: inner, innerStride: 1)
      case .row:
        let start = unsafe address(operand.place, block.column, frame, scratch)
        return unsafe StridedOperand(
          start.assumingMemoryBound(to: Float.self), outerStride: 0, innerStride: 1)
      case .column:
        let start = unsafe address(operand.place, block.row, frame, scratch)
        return unsafe StridedOperand(
          start.assumingMemoryBound(to: Float.self), outerStride: 1, innerStride: 0)
      case .single:
        let start = unsafe address(operand.place, 0, frame, scratch)
        return unsafe StridedOperand(
          start.assumingMemoryBound(to: Float.self), outerStride: 0, innerStride: 0)
      }
    }
    let floats = unsafe result.assumingMemoryBound(to: Float.self)
    switch operation.kernel {
    case .unary(let unary):
      unsafe Elementwise.apply(
        unary, floats, raw(0).assumingMemoryBound(to: Float.self), block.count)
    case .binary(let binary):
      unsafe Elementwise.apply(binary, floats, strided(0), strided(1), outer: outer, inner: inner)
    case .compare(let comparison):
      unsafe Elementwise.apply(
        comparison, result.assumingMemoryBound(to: UInt8.self), strided(0), strided(1),
        outer: outer, inner: inner)
    case .select:
      unsafe Elementwise.select(
        floats, raw(0).assumingMemoryBound(to: UInt8.self), strided(1), strided(2), outer: outer,
        inner: inner)
    case .convert:
      unsafe Elementwise.convert(floats, raw(0).assumingMemoryBound(to: UInt8.self), block.count)
    }
  }

  /// The address of an element of a stored value, or the start of one in the scratch memory.
  private func address(
    _ place: Place, _ element: Int, _ frame: Frame, _ scratch: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    switch place {
    case .slot(let slot, let size): unsafe frame.raw(slot) + element * size
    case .scratch(let offset): unsafe scratch + offset
    case .constant(let cell): unsafe UnsafeMutableRawPointer(cell.pointer)
    }
  }
}

/// A number with an address.
@safe final class ConstantCell: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>

  init(_ value: Float) {
    unsafe pointer = .allocate(capacity: 1)
    unsafe pointer.initialize(to: value)
  }

  deinit { unsafe pointer.deallocate() }
}

/// The table from elementwise operations to their kernels.
extension Elementwise {
  fileprivate static func apply(_ unary: Unary, _ y: Destination, _ x: Source, _ count: Int) {
    switch unary {
    case .negate: unsafe negate(y, x, count)
    case .reciprocal: unsafe reciprocal(y, x, count)
    case .exp: unsafe exp(y, x, count)
    case .expm1: unsafe expm1(y, x, count)
    case .log: unsafe log(y, x, count)
    case .log1p: unsafe log1p(y, x, count)
    case .sqrt: unsafe sqrt(y, x, count)
    case .tanh: unsafe tanh(y, x, count)
    case .sigmoid: unsafe sigmoid(y, x, count)
    case .erf: unsafe erf(y, x, count)
    }
  }

  fileprivate static func apply(
    _ binary: Binary, _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) {
    switch binary {
    case .add: unsafe add(y, a, b, outer: outer, inner: inner)
    case .subtract: unsafe subtract(y, a, b, outer: outer, inner: inner)
    case .multiply: unsafe multiply(y, a, b, outer: outer, inner: inner)
    case .divide: unsafe divide(y, a, b, outer: outer, inner: inner)
    case .maximum: unsafe maximum(y, a, b, outer: outer, inner: inner)
    }
  }

  fileprivate static func apply(
    _ comparison: Comparison, _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand,
    _ b: StridedOperand, outer: Int, inner: Int
  ) {
    switch comparison {
    case .less: unsafe less(mask, a, b, outer: outer, inner: inner)
    case .lessOrEqual: unsafe lessOrEqual(mask, a, b, outer: outer, inner: inner)
    case .equal: unsafe equal(mask, a, b, outer: outer, inner: inner)
    }
  }
}
