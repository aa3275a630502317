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
  private let steps: [Step]
  /// Keeps the constants that the steps point to.
  private let calls: [BlockCall]
  private let scratch: Slot
  /// Short rows are repeated over a block once, so that loops are long.
  private let rows: [RepeatedRow]
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
    let hasColumns = calls.contains { $0.operands.contains { $0.form == .column } }
    steps = calls.map { Step($0, inner: inner, hasColumns: hasColumns) }
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
        for step in steps { unsafe step.run(block, frame, scratch) }
      }
    }
  }
}

/// A part of the rows and columns of a group.
private struct Block {
  let row: Int
  let column: Int
  let rows: Int
  let columns: Int
}

/// A call with all that is known before it runs: no step counts references.
@safe private struct Step {
  let kernel: ElementwiseGroup.Kernel
  let operands: InlineArray<3, Field>
  let result: Field
  let shape: Shape

  /// How a kernel goes over a block.
  enum Shape {
    /// As one long row.
    case flat
    case rows
    /// With a call for each row: rows of the result, or of an operand without strides, lie apart.
    case rowByRow
  }

  init(_ call: ElementwiseGroup.BlockCall, inner: Int, hasColumns: Bool) {
    kernel = call.kernel
    let fields = call.operands.map { Field($0, inner: inner) }
    result = Field(call.result, inner: inner)
    operands = InlineArray { fields[min($0, fields.count - 1)] }
    let hasDenseOperands =
      switch call.kernel {
      case .binary, .compare: 0
      case .select, .unary, .convert: 1
      }
    let isRowByRow =
      call.result.form.isPart
      || call.operands.prefix(hasDenseOperands).contains { $0.form.isPart }
    shape =
      isRowByRow
      ? .rowByRow
      : hasColumns || call.operands.contains { $0.form.isPart } ? .rows : .flat
  }

  func run(_ block: Block, _ frame: Frame, _ scratch: UnsafeMutableRawPointer) {
    var y = unsafe result.start(block, frame, scratch)
    var (a, b, c) = unsafe (
      operands[0].start(block, frame, scratch), operands[1].start(block, frame, scratch),
      operands[2].start(block, frame, scratch)
    )
    switch shape {
    case .flat: unsafe run(y, a, b, c, outer: 1, inner: block.rows * block.columns)
    case .rows: unsafe run(y, a, b, c, outer: block.rows, inner: block.columns)
    case .rowByRow:
      for _ in 0..<block.rows {
        unsafe run(y, a, b, c, outer: 1, inner: block.columns)
        unsafe y += result.step(block)
        unsafe a += operands[0].step(block)
        unsafe b += operands[1].step(block)
        unsafe c += operands[2].step(block)
      }
    }
  }

  private func run(
    _ y: UnsafeMutableRawPointer, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer,
    _ c: UnsafeMutableRawPointer, outer: Int, inner: Int
  ) {
    func strided(_ i: Int, _ start: UnsafeMutableRawPointer) -> StridedOperand {
      let field = operands[i]
      return unsafe StridedOperand(
        start, outerStride: field.outerStride ?? inner, innerStride: field.innerStride)
    }
    switch kernel {
    case .unary(let unary):
      unsafe Elementwise.apply(
        unary, y.assumingMemoryBound(to: Float.self), a.assumingMemoryBound(to: Float.self),
        outer * inner)
    case .binary(let binary, .int32):
      unsafe Elementwise.apply(
        binary, y.assumingMemoryBound(to: Int32.self), strided(0, a), strided(1, b),
        outer: outer, inner: inner)
    case .binary(let binary, _):
      unsafe Elementwise.apply(
        binary, y.assumingMemoryBound(to: Float.self), strided(0, a), strided(1, b),
        outer: outer, inner: inner)
    case .compare(let comparison, let number):
      unsafe Elementwise.apply(
        comparison, of: number, y.assumingMemoryBound(to: UInt8.self), strided(0, a),
        strided(1, b), outer: outer, inner: inner)
    case .select(let number):
      unsafe Elementwise.select(
        of: number, y, a.assumingMemoryBound(to: UInt8.self), strided(1, b), strided(2, c),
        outer: outer, inner: inner)
    case .convert(let from, let to):
      unsafe Elementwise.convert(from: from, a, to: to, y, outer * inner)
    }
  }
}

/// An operand or the result of a step: where it begins in a block, and how its rows lie.
@safe private struct Field {
  @safe enum Base {
    case slot(Slot)
    /// Each block begins at its start.
    case scratch
    case constant(UnsafeMutableRawPointer)
  }

  let base: Base
  let offset: Int
  let rowBytes: Int
  let columnBytes: Int
  /// Elements from row to row of a kernel with rows; nil for as many as a row of the block has.
  let outerStride: Int?
  let innerStride: Int

  init(_ operand: ElementwiseGroup.Operand, inner: Int) {
    (outerStride, innerStride) =
      switch operand.form {
      case .dense: (nil, 1)
      case .part(let stride): (stride, 1)
      case .row: (0, 1)
      case .column: (1, 0)
      case .single: (0, 0)
      }
    switch operand.place {
    case .slot(let slot, let size, let first):
      base = .slot(slot)
      offset = first * size
      rowBytes = (outerStride ?? inner) * size
      columnBytes = innerStride * size
    case .scratch(let bytes, let size):
      (base, offset) = (.scratch, bytes)
      (rowBytes, columnBytes) = (0, size)
    case .constant(let cell):
      unsafe base = .constant(cell.pointer)
      (offset, rowBytes, columnBytes) = (0, 0, 0)
    }
  }

  func start(
    _ block: Block, _ frame: Frame, _ scratch: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    switch base {
    case .slot(let slot):
      unsafe frame.raw(slot) + offset + block.row * rowBytes + block.column * columnBytes
    case .scratch: unsafe scratch + offset
    case .constant(let pointer): unsafe pointer
    }
  }

  /// Bytes from row to row.
  func step(_ block: Block) -> Int {
    if case .scratch = base { block.columns * columnBytes } else { rowBytes }
  }
}
