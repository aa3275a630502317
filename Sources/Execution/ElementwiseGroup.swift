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
    /// A slot, the bytes of one element and the number of the first.
    case slot(Slot, size: Int, offset: Int)
    /// A value of this block only: its offset in the scratch memory, in bytes.
    case scratch(Int, size: Int)
    case constant(ConstantCell)
  }

  enum Form: Equatable {
    /// As many elements as the group has.
    case dense
    /// A part of each row: rows are so many elements apart.
    case part(stride: Int)
    /// Broadcast: one row for all rows, one element for each row, or one element for all.
    case row, column, single

    fileprivate var isPart: Bool { if case .part = self { true } else { false } }
  }

  struct Operand {
    let place: Place
    let form: Form
  }

  struct BlockCall {
    let kernel: Kernel
    let operands: [Operand]
    let result: Operand

    /// Whether it runs row by row, since rows of an operand or of the result lie apart.
    fileprivate var isByRow: Bool { (operands + [result]).contains { $0.form.isPart } }
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
  private let calls: [(call: BlockCall, isByRow: Bool)]
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
    self.calls = calls.map { ($0, $0.isByRow) }
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
        for (call, isByRow) in calls {
          if isByRow {
            for row in 0..<block.rows { unsafe run(call, block.row(row), frame, scratch) }
          } else {
            unsafe run(call, block, frame, scratch)
          }
        }
      }
    }
  }

  private struct Block {
    let row: Int
    let column: Int
    let rows: Int
    let columns: Int
    /// The elements of the block before these.
    var before = 0

    var count: Int { rows * columns }

    /// One row of the block.
    func row(_ number: Int) -> Block {
      Block(row: row + number, column: column, rows: 1, columns: columns, before: number * columns)
    }
  }

  private func run(
    _ call: BlockCall, _ block: Block, _ frame: Frame, _ scratch: UnsafeMutableRawPointer
  ) {
    // Without columns, a block is one long row.
    let (outer, inner) = hasColumns ? (block.rows, block.columns) : (1, block.count)
    let result = unsafe address(call.result, block, frame, scratch)
    func raw(_ i: Int) -> UnsafeRawPointer {
      unsafe UnsafeRawPointer(address(call.operands[i], block, frame, scratch))
    }
    func strided(_ i: Int) -> StridedOperand {
      let strides =
        switch call.operands[i].form {
        case .dense, .part: (inner, 1)
        case .row: (0, 1)
        case .column: (1, 0)
        case .single: (0, 0)
        }
      return unsafe StridedOperand(
        address(call.operands[i], block, frame, scratch), outerStride: strides.0,
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

  /// The address of the first element of a block.
  private func address(
    _ operand: Operand, _ block: Block, _ frame: Frame, _ scratch: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    switch operand.place {
    case .slot(let slot, let size, let offset):
      let element =
        switch operand.form {
        case .dense: block.row * inner + block.column
        case .part(let stride): block.row * stride + block.column
        case .row: block.column
        case .column: block.row
        case .single: 0
        }
      return unsafe frame.raw(slot) + (offset + element) * size
    case .scratch(let offset, let size): return unsafe scratch + offset + block.before * size
    case .constant(let cell): return unsafe UnsafeMutableRawPointer(cell.pointer)
    }
  }
}
