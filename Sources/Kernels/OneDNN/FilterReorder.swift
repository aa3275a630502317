internal import COneDNN
package import Diagnostics

/// A filter in one arrangement that is copied to another, in pieces along its first axis: several
/// threads may copy different ones at once.
@safe package final class FilterReorder {
  private let pieces: [(primitive: Primitive, session: PrimitiveSession)]

  /// Rows of a piece: a multiple of all block sizes of layouts.
  private static let rows = 64
  /// Smaller filters are one piece.
  private static let leastBytes = 256 << 10

  /// The number of pieces of a filter.
  package static func pieceCount(_ arrangement: MemoryArrangement) -> Int {
    guard arrangement.byteCount >= leastBytes else { return 1 }
    return (arrangement.rows + rows - 1) / rows
  }

  package init(
    from source: MemoryArrangement, at start: UnsafePointer<Float>,
    to destination: MemoryArrangement, at target: UnsafeMutableRawPointer
  ) throws(Failure) {
    let start = unsafe UnsafeMutableRawPointer(mutating: start)
    let count = Self.pieceCount(destination)
    let rows = count == 1 ? source.rows : Self.rows
    var pieces: [(primitive: Primitive, session: PrimitiveSession)] = []
    for piece in 0..<count {
      let part = piece * rows..<min((piece + 1) * rows, source.rows)
      let (from, to) = try (source.rows(part), destination.rows(part))
      pieces.append(
        (
          try Primitive(reorder: from, to: to),
          try unsafe PrimitiveSession([(from, start), (to, target)])
        ))
    }
    self.pieces = pieces
  }

  private static let arguments = [
    PrimitiveArgument(.source, memory: 0), PrimitiveArgument(.destination, memory: 1),
  ]

  package func run(_ numbers: Range<Int>) {
    for (primitive, session) in pieces[numbers] { session.execute(primitive, Self.arguments) }
  }
}

extension MemoryArrangement {
  fileprivate var extents: [Int64] {
    unsafe withUnsafeBytes(of: descriptor.dims) {
      unsafe Array($0.bindMemory(to: Int64.self).prefix(Int(descriptor.ndims)))
    }
  }

  fileprivate var rows: Int { Int(extents[0]) }

  /// The place of some rows among all.
  fileprivate func rows(_ rows: Range<Int>) throws(Failure) -> MemoryArrangement {
    var extents = extents
    if rows.count == extents[0] { return self }
    extents[0] = Int64(rows.count)
    var offsets = extents.map { _ in Int64(0) }
    offsets[0] = Int64(rows.lowerBound)
    var (part, whole) = (dnnl_memory_desc_t(), descriptor)
    try unsafe OneDNN.check(
      dnnl_memory_desc_init_submemory(&part, &whole, extents, offsets),
      "dnnl_memory_desc_init_submemory \(rows) of \(extents)")
    return MemoryArrangement(part)
  }
}
