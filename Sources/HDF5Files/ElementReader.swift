internal import CHDF5
internal import Glibc

/// Reads the numbers of a dataset part by part, in row-major order.
///
/// Parts end at chunk boundaries. If a part is smaller than a chunk, chunks are read into a buffer.
/// So a pass over the array decompresses each chunk once.
@safe final class ElementReader {
  let shape: [Int]
  private let dataset: Handle
  /// The chunk shape; all ones if the dataset is not compressed.
  private let chunk: [Int]
  private let isBuffered: Bool
  private let bufferBytes: Int
  private var buffer: UnsafeMutableRawBufferPointer?
  /// The range of elements in the buffer, and their type.
  private var buffered = 0..<0
  private var bufferedType = ElementType.uint8

  /// The size of a part; the chunks of files that this program writes are no larger.
  static let partBytes = 1 << 20
  /// The maximum size of the buffer; larger rows of chunks are decompressed more than once.
  private static let bufferLimit = 1 << 28

  /// Creates a reader; `type` is nil if the caller reads ranges of rows as any type.
  init(
    _ dataset: consuming Handle, shape: [Int], _ storage: StorageLayout, as type: ElementType?
  ) {
    // A scalar is read as an array of one element.
    self.shape = shape.isEmpty ? [1] : shape
    self.dataset = dataset
    let isCompressed = !storage.filters.isEmpty && storage.chunk.count == shape.count
    chunk = isCompressed ? storage.chunk : self.shape.map { _ in 1 }
    let fits = Self.holdsChunks(self.shape, chunk, atMost: Self.partBytes / (type?.size ?? 8))
    isBuffered = isCompressed && (type == nil || !fits)
    bufferBytes = fits ? Self.partBytes : Self.bufferLimit
  }

  deinit { unsafe buffer?.deallocate() }

  var rowCount: Int { shape.dropFirst().reduce(1, *) }

  /// Reads elements from `position` on, at most to `end`, and returns their number.
  func read(
    from position: Int, to end: Int, atMost limit: Int, as type: ElementType,
    into target: UnsafeMutableRawPointer
  ) throws(HDF5Error) -> Int {
    guard isBuffered else {
      let part = Hyperslab(from: position, to: end, atMost: max(1, limit), of: shape, chunk)
      try unsafe read(part, as: type, into: target)
      return part.count
    }
    if bufferedType != type || !buffered.contains(position) { try fill(from: position, as: type) }
    let count = min(limit, min(end, buffered.upperBound) - position)
    let offset = (position - buffered.lowerBound) * type.size
    if let source = unsafe buffer?.baseAddress {
      unsafe target.copyMemory(from: source + offset, byteCount: count * type.size)
    }
    return count
  }

  private func fill(from position: Int, as type: ElementType) throws(HDF5Error) {
    let limit = bufferBytes / type.size
    // Start at the chunk of the position if a row of chunks fits.
    let start =
      chunk[0] <= limit / rowCount
      ? position / (chunk[0] * rowCount) * (chunk[0] * rowCount) : position
    let part = Hyperslab(from: start, to: shape.reduce(1, *), atMost: limit, of: shape, chunk)
    if unsafe (buffer?.count ?? 0) < part.count * type.size {
      unsafe buffer?.deallocate()
      buffered = 0..<0
      unsafe buffer = .allocate(byteCount: part.count * type.size, alignment: 64)
    }
    guard let target = unsafe buffer?.baseAddress else { return }
    buffered = 0..<0
    try unsafe read(part, as: type, into: target)
    buffered = start..<start + part.count
    bufferedType = type
  }

  /// Reads a part.
  ///
  /// The corresponding HDF5 function is `H5Dread`.
  private func read(
    _ part: Hyperslab, as type: ElementType, into target: UnsafeMutableRawPointer
  ) throws(HDF5Error) {
    let selected = try Selection(from: part.start, part.extent, in: shape)
    try unsafe check(
      H5Dread(
        dataset.id, type.native, selected.memory.id, selected.file.id, defaults, target))
  }

  /// Returns whether a part of at most `limit` elements can hold whole chunks.
  private static func holdsChunks(_ shape: [Int], _ chunk: [Int], atMost limit: Int) -> Bool {
    guard !shape.contains(0) else { return true }
    var inner = 1
    for d in shape.indices.reversed() {
      guard inner * shape[d] > limit else {
        inner *= shape[d]
        continue
      }
      return chunk[d] <= limit / inner && chunk[..<d].allSatisfy { $0 == 1 }
    }
    return true
  }
}

/// A box of an array whose elements are contiguous in row-major order.
struct Hyperslab {
  let start: [Int]
  let extent: [Int]

  var count: Int { extent.reduce(1, *) }

  /// Creates the largest such box from `position` on with at most `limit` elements; it ends at a
  /// chunk boundary.
  init(from position: Int, to end: Int, atMost limit: Int, of shape: [Int], _ chunk: [Int]) {
    var start = shape.map { _ in 0 }
    var rest = position
    for d in shape.indices.reversed() {
      (rest, start[d]) = rest.quotientAndRemainder(dividingBy: shape[d])
    }
    let room = min(limit, end - position)
    var extent = shape.map { _ in 1 }
    var (d, inner) = (shape.count - 1, 1)
    while d > 0, start[d] == 0, inner * shape[d] <= room {
      extent[d] = shape[d]
      inner *= shape[d]
      d -= 1
    }
    extent[d] = min(room / inner, shape[d] - start[d])
    let stop = start[d] + extent[d]
    let excess = stop % chunk[d]
    if stop < shape[d], excess < extent[d] { extent[d] -= excess }
    self.start = start
    self.extent = extent
  }
}

/// A box of a dataset, and a memory dataspace of the same shape.
///
/// With different shapes the library would copy number by number.
/// The corresponding HDF5 function is `H5Sselect_hyperslab`.
struct Selection: ~Copyable {
  let file: Handle
  let memory: Handle

  init(from start: [Int], _ extent: [Int], in shape: [Int]) throws(HDF5Error) {
    let file = try makeSpace(shape)
    try unsafe check(
      H5Sselect_hyperslab(
        file.id, H5S_SELECT_SET, start.map(hsize_t.init), nil, extent.map(hsize_t.init), nil))
    memory = try makeSpace(extent)
    self.file = file
  }
}
