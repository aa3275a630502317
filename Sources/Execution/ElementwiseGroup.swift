internal import Graphs
internal import Kernels

/// Elementwise operations that run block by block: a block of every value stays in a near cache,
/// and only values that other calls read are written to memory.
///
/// A step reads blocks without gaps, or long rows that lie apart. What lies otherwise, or repeats,
/// is copied to a block, and a result to where it is joined.
struct ElementwiseGroup: Sendable {
  /// Where the elements of a value are.
  ///
  /// Bytes from row to row and from column to column are 0 if they repeat. A block of the group is
  /// a field that does not move.
  struct Field: Hashable {
    let slot: Slot
    var offset = 0
    var rowBytes = 0
    var columnBytes = 0
    /// Bytes from row to row in a block, and whether these lie apart.
    var stride = 0
    fileprivate(set) var hasGaps = false
  }

  struct Step {
    let kernel: Elementwise
    let result: Field
    let operands: InlineArray<3, Field>
  }

  /// A copy of a block from a field or to it.
  fileprivate struct Copy {
    let field: Field
    let block: Field
    let elementSize: Int
    var isWritten = false
  }

  /// Elements of a block: a dozen blocks of floats fit the second cache, and rows that are read are
  /// long enough to be fetched ahead.
  fileprivate static let blockCount = 1024

  let rows: Int
  let columns: Int
  /// The rows and columns of a block: some whole rows, or a part of one.
  private let blockRows: Int
  private let blockColumns: Int
  var steps: [Step] = []
  /// What is the same in all blocks.
  private var repeated: [Copy] = []
  private var copies: [Copy] = []
  private var results: [Copy] = []

  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    let parts = (columns + Self.blockCount - 1) / Self.blockCount
    blockColumns = min(columns, ((columns + parts - 1) / parts + 15) & ~15)
    blockRows = parts == 1 ? min(rows, Self.blockCount / columns) : 1
  }

  /// Bytes of a block of any number type.
  var blockBytes: Int { 4 * blockRows * blockColumns }

  // MARK: Building

  /// What a step reads in place of a field.
  mutating func reading(_ field: Field, size: Int, newBlock: () -> Slot) -> Field {
    if let field = direct(field, size) { return field }
    if let known = (repeated + copies).first(where: { $0.field == field }) { return known.block }
    let copy = Copy(field: field, block: block(newBlock(), size), elementSize: size)
    let isRepeated =
      field.rowBytes == 0 && (field.columnBytes == 0 || blockColumns == columns)
    if isRepeated { repeated.append(copy) } else { copies.append(copy) }
    return copy.block
  }

  /// What a step writes in place of a field.
  mutating func writing(_ field: Field, size: Int, newBlock: () -> Slot) -> Field {
    if let field = direct(field, size), !field.hasGaps { return field }
    let block = block(newBlock(), size)
    results.append(Copy(field: field, block: block, elementSize: size, isWritten: true))
    return block
  }

  /// The field itself if steps can read it where it is; rows that lie apart are long then.
  private func direct(_ field: Field, _ size: Int) -> Field? {
    guard field.columnBytes == size else { return nil }
    var field = field
    field.stride = field.rowBytes
    field.hasGaps = blockRows > 1 && field.rowBytes != columns * size
    return field.hasGaps && (columns < 64 || field.rowBytes == 0) ? nil : field
  }

  /// Memory for a block.
  func block(_ slot: Slot, _ size: Int, offset: Int = 0) -> Field {
    Field(slot: slot, offset: offset, stride: blockColumns * size)
  }

  // MARK: Running

  func run(_ frame: Frame) {
    let addresses = unsafe frame.pointers
    for copy in repeated { unsafe copy.run(addresses, 0, 0, blockRows, blockColumns) }
    let (copies, steps, results) = (copies.span, steps.span, results.span)
    for row in stride(from: 0, to: rows, by: blockRows) {
      for column in stride(from: 0, to: columns, by: blockColumns) {
        let rows = min(blockRows, rows - row)
        let columns = min(blockColumns, columns - column)
        for i in copies.indices { unsafe copies[i].run(addresses, row, column, rows, columns) }
        for i in steps.indices { unsafe steps[i].run(addresses, row, column, rows, columns) }
        for i in results.indices { unsafe results[i].run(addresses, row, column, rows, columns) }
      }
    }
  }
}

/// A constant, as often as a block has elements.
@safe final class ConstantBlock: @unchecked Sendable {
  let start: UnsafeMutableRawPointer

  init(_ value: Double, _ number: NumberType) {
    let count = ElementwiseGroup.blockCount
    unsafe start = .allocate(byteCount: count * number.size, alignment: 64)
    unsafe number.fill(start, with: value, count)
  }

  deinit { unsafe start.deallocate() }
}

/// The addresses of the slots of a shard.
private typealias Addresses = UnsafePointer<UnsafeMutableRawPointer>

extension ElementwiseGroup.Field {
  @inline(always)
  fileprivate func start(
    _ addresses: Addresses, _ row: Int, _ column: Int
  ) -> UnsafeMutableRawPointer {
    unsafe addresses[slot.index] + (offset &+ row &* rowBytes &+ column &* columnBytes)
  }
}

extension ElementwiseGroup.Step {
  private var hasGaps: Bool {
    operands[0].hasGaps || operands[1].hasGaps || operands[2].hasGaps
  }

  @inline(always)
  fileprivate func run(
    _ addresses: Addresses, _ row: Int, _ column: Int, _ rows: Int, _ columns: Int
  ) {
    var y = unsafe result.start(addresses, row, column)
    var (a, b, c) = unsafe (
      operands[0].start(addresses, row, column), operands[1].start(addresses, row, column),
      operands[2].start(addresses, row, column)
    )
    guard hasGaps else { return unsafe kernel.run(y, a, b, c, rows * columns) }
    for _ in 0..<rows {
      unsafe kernel.run(y, a, b, c, columns)
      unsafe y += result.stride
      unsafe a += operands[0].stride
      unsafe b += operands[1].stride
      unsafe c += operands[2].stride
    }
  }
}

extension ElementwiseGroup.Copy {
  fileprivate func run(
    _ addresses: Addresses, _ row: Int, _ column: Int, _ rows: Int, _ columns: Int
  ) {
    let bytes = columns * elementSize
    var outside = unsafe field.start(addresses, row, column)
    var inside = unsafe block.start(addresses, 0, 0)
    for _ in 0..<rows {
      if isWritten {
        unsafe outside.copyMemory(from: inside, byteCount: bytes)
      } else if field.columnBytes == 0 {
        unsafe inside.fill(with: outside, elementSize, columns)
      } else {
        unsafe inside.copyMemory(from: outside, byteCount: bytes)
      }
      unsafe outside += field.rowBytes
      unsafe inside += bytes
    }
  }
}

extension UnsafeMutableRawPointer {
  fileprivate func fill(with element: UnsafeRawPointer, _ size: Int, _ count: Int) {
    switch size {
    case 1: unsafe fill(with: element.load(as: UInt8.self), count)
    case 2: unsafe fill(with: element.load(as: UInt16.self), count)
    default: unsafe fill(with: element.load(as: UInt32.self), count)
    }
  }
}
