internal import CHDF5
internal import Glibc

/// The numbers of a dataset, read part by part in the order of the array.
///
/// The parts are cut along chunks, and where a part cannot hold a whole chunk a buffer does: each chunk
/// is read and unpacked once in a pass over the array.
@safe final class HDF5Elements {
  let shape: [Int]
  private let dataset: Handle
  /// The shape of a chunk; of ones where the library reads any part without reading more.
  private let chunk: [Int]
  private let isBuffered: Bool
  private let bufferBytes: Int
  private var buffer: UnsafeMutableRawBufferPointer?
  /// The elements in the buffer, and the type they have there.
  private var buffered = 0..<0
  private var bufferedType = ElementType.uint8

  /// The most bytes that are read at once without a buffer.
  ///
  /// The chunks of our own files are no larger.
  static let partBytes = 1 << 20
  /// The most bytes of a buffer; chunks whose rows need more are unpacked more than once.
  private static let bufferLimit = 1 << 28

  /// Numbers that are read as a type, or in steps that know nothing of chunks and as any type.
  init(
    _ dataset: consuming Handle, shape: [Int], _ storage: Storage, as type: ElementType?
  ) {
    // A scalar is read as an array of one.
    self.shape = shape.isEmpty ? [1] : shape
    self.dataset = dataset
    let isPacked = !storage.filters.isEmpty && storage.chunk.count == shape.count
    chunk = isPacked ? storage.chunk : self.shape.map { _ in 1 }
    let fits = Self.holdsChunks(self.shape, chunk, atMost: Self.partBytes / (type?.size ?? 8))
    isBuffered = isPacked && (type == nil || !fits)
    bufferBytes = fits ? Self.partBytes : Self.bufferLimit
  }

  deinit { unsafe buffer?.deallocate() }

  var rowCount: Int { shape.dropFirst().reduce(1, *) }

  /// Reads the elements of a range that come next from `position` on, and returns how many they were.
  func read(
    from position: Int, to end: Int, atMost limit: Int, as type: ElementType,
    into target: UnsafeMutableRawPointer
  ) throws(HDF5Error) -> Int {
    guard isBuffered else {
      let part = Part(from: position, to: end, atMost: max(1, limit), of: shape, chunk)
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
    // From the chunk on in which the position is, if its rows fit.
    let start =
      chunk[0] <= limit / rowCount
      ? position / (chunk[0] * rowCount) * (chunk[0] * rowCount) : position
    let part = Part(from: start, to: shape.reduce(1, *), atMost: limit, of: shape, chunk)
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

  private func read(
    _ part: Part, as type: ElementType, into target: UnsafeMutableRawPointer
  ) throws(HDF5Error) {
    let selected = try Selection(from: part.start, part.extent, in: shape)
    try unsafe check(
      H5Dread(
        dataset.id, type.native, selected.memory.id, selected.file.id, defaults, target))
  }

  /// Whether parts of so many elements can hold whole chunks.
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

/// A box of an array whose elements follow each other in the order of the array.
struct Part {
  let start: [Int]
  let extent: [Int]

  var count: Int { extent.reduce(1, *) }

  /// The largest such box from an element on, of at most `limit` elements, cut where chunks end.
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

/// A box of a dataset, and memory of the same shape: with another one the library copies number by number.
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
