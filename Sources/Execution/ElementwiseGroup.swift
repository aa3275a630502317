internal import Graphs
internal import Kernels

/// Elementwise operations that run block by block: a block stays in the first cache, and only
/// values that other calls read are written to memory.
@safe final class ElementwiseGroup: @unchecked Sendable {
  /// An operation and the number type of its operands.
  enum Kernel {
    case unary(Unary)
    case binary(Binary, NumberType)
    case compare(Comparison, NumberType)
    case select(NumberType)
    case convert(from: NumberType, to: NumberType)
  }

  /// The memory of an operand or a result.
  enum Place {
    /// A slot, and the bytes of one element.
    case slot(Slot, size: Int)
    /// A value of this block only: its offset in the scratch memory, in bytes.
    case scratch(Int)
    case constant(ConstantCell)
  }

  enum Form {
    /// As many elements as the result.
    case dense
    /// Broadcast: one row for all rows, one element for each row, or one element for all.
    case row, column, single
  }

  struct Operand {
    let place: Place
    let form: Form
  }

  struct BlockCall {
    let kernel: Kernel
    let operands: [Operand]
    let result: Place
  }

  /// A row, and the offset in the scratch memory of a block that repeats it.
  struct RepeatedRow {
    let source: Slot
    let offset: Int
    let elementSize: Int
  }

  /// The elements of a block: a few blocks of floats fit the first cache.
  static let blockCount = 2048

  private let outer: Int
  private let inner: Int
  private let calls: [BlockCall]
  private let scratch: Slot
  /// Short rows are repeated over a block once, so that loops are long.
  private let rows: [RepeatedRow]
  private let hasColumns: Bool
  private let rowsPerBlock: Int
  private let columnsPerBlock: Int

  /// `rows` are operands of form `row` that the calls read repeated, from the scratch memory.
  init(
    outer: Int, inner: Int, calls: [BlockCall], scratch: Slot,
    rows: [RepeatedRow]
  ) {
    self.outer = outer
    self.inner = inner
    self.calls = calls
    self.scratch = scratch
    self.rows = rows
    hasColumns = calls.contains { $0.operands.contains { $0.form == .column } }
    (rowsPerBlock, columnsPerBlock) = ElementwiseGroup.block(outer: outer, inner: inner)
  }

  /// The rows and columns of a block: whole rows if they are short.
  static func block(outer: Int, inner: Int) -> (rows: Int, columns: Int) {
    inner <= blockCount ? (min(outer, max(1, blockCount / inner)), inner) : (1, blockCount)
  }

  func run(_ frame: Frame) {
    let scratch = unsafe frame.raw(self.scratch)
    for row in rows {
      let bytes = inner * row.elementSize
      for number in 0..<rowsPerBlock {
        unsafe (scratch + row.offset + number * bytes).copyMemory(
          from: frame.raw(row.source), byteCount: bytes)
      }
    }
    for row in stride(from: 0, to: outer, by: rowsPerBlock) {
      for column in stride(from: 0, to: inner, by: columnsPerBlock) {
        let block = Block(
          row: row, column: column, rows: min(rowsPerBlock, outer - row),
          columns: min(columnsPerBlock, inner - column))
        for call in calls { unsafe run(call, block, frame, scratch) }
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
    _ call: BlockCall, _ block: Block, _ frame: Frame, _ scratch: UnsafeMutableRawPointer
  ) {
    let first = block.row * inner + block.column
    // Without columns, a block is one long row.
    let (outer, inner) = hasColumns ? (block.rows, block.columns) : (1, block.count)
    let result = unsafe address(call.result, first, frame, scratch)
    func raw(_ i: Int) -> UnsafeRawPointer {
      unsafe UnsafeRawPointer(address(call.operands[i].place, first, frame, scratch))
    }
    func strided(_ i: Int) -> StridedOperand {
      let operand = call.operands[i]
      let (first, strides) =
        switch operand.form {
        case .dense: (first, (inner, 1))
        case .row: (block.column, (0, 1))
        case .column: (block.row, (1, 0))
        case .single: (0, (0, 0))
        }
      return unsafe StridedOperand(
        address(operand.place, first, frame, scratch), outerStride: strides.0,
        innerStride: strides.1)
    }
    switch call.kernel {
    case .unary(let unary):
      unsafe Elementwise.apply(
        unary, result.assumingMemoryBound(to: Float.self),
        raw(0).assumingMemoryBound(to: Float.self), block.count)
    case .binary(let binary, .int32):
      unsafe Elementwise.apply(
        binary, result.assumingMemoryBound(to: Int32.self), strided(0), strided(1), outer: outer,
        inner: inner)
    case .binary(let binary, _):
      unsafe Elementwise.apply(
        binary, result.assumingMemoryBound(to: Float.self), strided(0), strided(1), outer: outer,
        inner: inner)
    case .compare(let comparison, let number):
      unsafe Elementwise.apply(
        comparison, of: number, result.assumingMemoryBound(to: UInt8.self), strided(0),
        strided(1), outer: outer, inner: inner)
    case .select(let number):
      unsafe Elementwise.select(
        of: number, result, raw(0).assumingMemoryBound(to: UInt8.self), strided(1), strided(2),
        outer: outer, inner: inner)
    case .convert(let from, let to):
      unsafe Elementwise.convert(from: from, raw(0), to: to, result, block.count)
    }
  }

  /// The address of an element in a slot, or of the first element in the scratch memory.
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
