/// A copy of elements between two strided layouts.
///
/// Every movement operation is one. A stride may be 0 (broadcast) or negative (reverse).
package struct StridedCopy: Hashable, Sendable {
  private let extents: [Int]
  private let sourceStrides: [Int]
  private let destinationStrides: [Int]
  private let sourceOffset: Int
  private let destinationOffset: Int
  private let elementSize: Int
  /// Whether the last two axes are a matrix that is transposed: maps to planes and back.
  private let isTransposition: Bool

  /// Strides and offsets count elements; `elementSize` is 1, 2 or 4 bytes.
  package init(
    extents: [Int], sourceStrides: [Int], destinationStrides: [Int], sourceOffset: Int = 0,
    destinationOffset: Int = 0, elementSize: Int
  ) {
    var merged: (extents: [Int], source: [Int], destination: [Int]) = ([], [], [])
    for axis in extents.indices where extents[axis] != 1 {
      let last = merged.extents.count - 1
      if last >= 0, merged.source[last] == sourceStrides[axis] * extents[axis],
        merged.destination[last] == destinationStrides[axis] * extents[axis]
      {
        merged.extents[last] *= extents[axis]
        merged.source[last] = sourceStrides[axis]
        merged.destination[last] = destinationStrides[axis]
      } else {
        merged.extents.append(extents[axis])
        merged.source.append(sourceStrides[axis])
        merged.destination.append(destinationStrides[axis])
      }
    }
    if merged.extents.isEmpty { merged = ([1], [1], [1]) }
    self.extents = merged.extents
    self.sourceStrides = merged.source
    self.destinationStrides = merged.destination
    self.sourceOffset = sourceOffset
    self.destinationOffset = destinationOffset
    self.elementSize = elementSize
    let last = merged.extents.count - 1
    isTransposition =
      elementSize == 4 && last > 0 && merged.destination[last] == 1 && merged.source[last] > 1
      && merged.source[last - 1] == 1
  }

  package func run(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    switch elementSize {
    case 4: unsafe copy(source, destination, UInt32.self)
    case 2: unsafe copy(source, destination, UInt16.self)
    default: unsafe copy(source, destination, UInt8.self)
    }
  }

  /// The number of independent pieces: those along the first axis, unless a transposition needs it.
  package var pieceCount: Int { extents.count > 2 ? extents[0] : 1 }

  /// Copies some of the pieces; elements have 4 bytes.
  package func run(
    _ pieces: Range<Int>, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer
  ) {
    guard pieceCount > 1 else { return unsafe run(from: source, to: destination) }
    for piece in pieces {
      unsafe copy(
        1,
        source.assumingMemoryBound(to: UInt32.self) + sourceOffset + piece * sourceStrides[0],
        destination.assumingMemoryBound(to: UInt32.self) + destinationOffset
          + piece * destinationStrides[0])
    }
  }

  private func copy<Element>(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _: Element.Type
  ) {
    unsafe copy(
      0, source.assumingMemoryBound(to: Element.self) + sourceOffset,
      destination.assumingMemoryBound(to: Element.self) + destinationOffset)
  }

  private func copy<Element>(
    _ axis: Int, _ source: UnsafePointer<Element>, _ destination: UnsafeMutablePointer<Element>
  ) {
    let (count, from, to) = (extents[axis], sourceStrides[axis], destinationStrides[axis])
    if isTransposition && axis == extents.count - 2 {
      return unsafe Transposition.run(
        UnsafeRawPointer(source).assumingMemoryBound(to: Float.self), rows: extents[axis + 1],
        columns: count, stride: sourceStrides[axis + 1],
        to: UnsafeMutableRawPointer(destination).assumingMemoryBound(to: Float.self), stride: to)
    }
    guard axis == extents.count - 1 else {
      for i in 0..<count { unsafe copy(axis + 1, source + i * from, destination + i * to) }
      return
    }
    if from == 1 && to == 1 {
      unsafe destination.update(from: source, count: count)
    } else if from == 0 && to == 1 {
      unsafe destination.update(repeating: source[0], count: count)
    } else {
      for i in 0..<count { unsafe destination[i * to] = source[i * from] }
    }
  }
}
