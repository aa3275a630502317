internal import Diagnostics
internal import Files
internal import Glibc
internal import HDF5Files
internal import Synchronization

/// Samples in a cache file, one after the other, read with `pread`.
///
/// Processes of one machine share the page cache, and the file may be larger than memory. It is not
/// mapped: then a truncated file would crash the program. The checksum of a block of samples is
/// compared when the block is first read.
@safe package final class CachedSamples: @unchecked Sendable {
  package let path: String
  package let count: Int
  package let number: Dataset.Number
  /// The numbers in a sample.
  package let sampleSize: Int
  let checksums: [UInt64]
  /// Where samples are among the steps of series in the file, if they are windows of such.
  let windows: WindowPlaces?
  /// The offset of the first number in the file.
  private let offset: Int
  /// The type of the numbers in the file, which is smaller than `number` for few tokens.
  private let stored: ElementType
  private let file: FileDescriptor
  private let blockSize: Int
  private let isVerified: UnsafeMutablePointer<Atomic<Bool>>
  /// Memory for the block that is being verified.
  private let scratch: UnsafeMutableRawBufferPointer
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  /// The number of samples in a block: 1024, or as many as fit into a mebibyte.
  static func blockSize(sampleBytes: Int) -> Int {
    max(1, min(1024, (1 << 20) / sampleBytes))
  }

  static func blockCount(samples: Int, sampleBytes: Int) -> Int {
    let size = blockSize(sampleBytes: sampleBytes)
    return (samples + size - 1) / size
  }

  init(
    _ path: String, at offset: Int, count: Int, number: Dataset.Number, stored: ElementType,
    sampleSize: Int, checksums: [UInt64], windows: WindowPlaces? = nil
  ) throws(Failure) {
    file = try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
    self.path = path
    self.offset = offset
    self.count = count
    self.number = number
    self.stored = stored
    self.sampleSize = sampleSize
    self.checksums = checksums
    self.windows = windows
    let sampleBytes = sampleSize * stored.size
    blockSize = Self.blockSize(sampleBytes: sampleBytes)
    unsafe isVerified = .allocate(capacity: max(1, checksums.count))
    for block in checksums.indices {
      unsafe (isVerified + block).initialize(to: Atomic(false))
    }
    unsafe scratch = .allocate(byteCount: blockSize * sampleBytes, alignment: 64)
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
    unsafe scratch.deallocate()
    unsafe isVerified.deinitialize(count: checksums.count)
    unsafe isVerified.deallocate()
  }

  /// The bytes of a sample in the file.
  var sampleBytes: Int { sampleSize * stored.size }

  /// Reads samples one after the other; consecutive ones by one call.
  ///
  /// `selection` has the place of each sample in the file, nil if they are there in order.
  func read(
    _ samples: ArraySlice<Int32>, at selection: Selection?,
    into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    let size = sampleSize * number.size
    precondition(destination.count == samples.count * size)
    func location(_ place: Int) -> Int {
      let sample = Int(samples[place])
      return selection.map { Int($0[sample]) } ?? sample
    }
    var place = samples.startIndex
    while place < samples.endIndex {
      let first = location(place)
      var end = place + 1
      while end < samples.endIndex, location(end) == first + end - place { end += 1 }
      let run = first..<first + end - place
      for block in run.lowerBound / blockSize...(run.upperBound - 1) / blockSize {
        try verify(block)
      }
      let start = (place - samples.startIndex) * size
      let part = unsafe destination[start...].prefix(run.count * size)
      if let windows {
        try unsafe read(run, of: windows, into: UnsafeMutableRawBufferPointer(rebasing: part))
      } else {
        try unsafe read(from: run.lowerBound * sampleSize, into: part)
      }
      place = end
    }
  }

  /// Reads samples of integers one number further on; `last` is that behind the last sample.
  func readNext(
    _ samples: ArraySlice<Int32>, at selection: Selection?, last: Int32,
    into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    let size = 4 * sampleSize
    precondition(number == .int32 && destination.count == samples.count * size)
    for (index, sample) in samples.enumerated() {
      let place = selection.map { Int($0[Int(sample)]) } ?? Int(sample)
      let isLast = place == count - 1
      try verify(place / blockSize)
      if !isLast { try verify((place + 1) / blockSize) }
      let target = unsafe destination[index * size..<(index + 1) * size]
      try unsafe read(from: place * sampleSize + 1, into: target.dropLast(isLast ? 4 : 0))
      guard isLast else { continue }
      unsafe destination.storeBytes(
        of: last, toByteOffset: (index + 1) * size - 4, as: Int32.self)
    }
  }

  /// Compares a block with its checksum when it is read for the first time.
  private func verify(_ block: Int) throws(Failure) {
    if unsafe isVerified[block].load(ordering: .acquiring) { return }
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    if unsafe isVerified[block].load(ordering: .relaxed) { return }
    let samples = block * blockSize..<min(count, (block + 1) * blockSize)
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      rebasing: scratch[..<(samples.count * sampleBytes)])
    if let windows {
      try unsafe read(samples, of: windows, into: bytes)
    } else {
      try unsafe read(at: samples.lowerBound * sampleBytes, of: samples, into: bytes)
    }
    guard unsafe ContentHash(bytes: UnsafeRawBufferPointer(bytes)).value == checksums[block] else {
      throw Failure(
        .badData,
        "'\(path)' is damaged: block \(block) of \(checksums.count), samples \(samples.lowerBound) "
          + "to \(samples.upperBound - 1); remove the file and it is built again")
    }
    unsafe isVerified[block].store(true, ordering: .releasing)
  }

  /// Reads consecutive numbers, from the one at a place of all.
  private func read(
    from first: Int, into slice: Slice<UnsafeMutableRawBufferPointer>
  ) throws(Failure) {
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: slice)
    let numbers = target.count / number.size
    // Smaller numbers stand at the end first, where none is overwritten before it is widened.
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      rebasing: target.suffix(numbers * stored.size))
    try unsafe read(
      at: first * stored.size, of: first / sampleSize..<(first + numbers - 1) / sampleSize + 1,
      into: bytes)
    guard stored.size < number.size else { return }
    for place in 0..<numbers {
      let token =
        unsafe stored == .uint8
        ? Int32(bytes[place])
        : Int32(bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self))
      unsafe target.storeBytes(of: token, toByteOffset: 4 * place, as: Int32.self)
    }
  }

  /// Fills the target with the bytes from a place behind the offset; messages name the samples.
  func read(
    at place: Int, of samples: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    var done = 0
    while done < target.count {
      let got = unsafe pread(
        file.number, target.baseAddress.map { unsafe $0 + done }, target.count - done,
        off_t(offset + place + done))
      if got > 0 {
        done += got
      } else if got == 0 {
        throw Failure(
          .badData,
          "'\(path)' was cut off within samples \(samples.lowerBound) to "
            + "\(samples.upperBound - 1); remove the file and it is built again")
      } else if errno != EINTR {
        throw systemFailure("read", path)
      }
    }
  }
}
