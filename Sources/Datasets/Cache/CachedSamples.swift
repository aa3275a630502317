internal import Diagnostics
internal import Files
internal import Glibc
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
    _ path: String, at offset: Int, count: Int, number: Dataset.Number, sampleSize: Int,
    checksums: [UInt64], windows: WindowPlaces? = nil
  ) throws(Failure) {
    file = try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
    self.path = path
    self.offset = offset
    self.count = count
    self.number = number
    self.sampleSize = sampleSize
    self.checksums = checksums
    self.windows = windows
    let sampleBytes = sampleSize * number.size
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

  var sampleBytes: Int { sampleSize * number.size }

  /// Reads samples one after the other; consecutive ones by one call.
  ///
  /// `selection` has the place of each sample in the file, nil if they are there in order.
  func read(
    _ samples: ArraySlice<Int32>, at selection: [Int32]?,
    into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    precondition(destination.count == samples.count * sampleBytes)
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
      let start = (place - samples.startIndex) * sampleBytes
      try unsafe read(
        run,
        into: UnsafeMutableRawBufferPointer(
          rebasing: destination[start..<start + run.count * sampleBytes]))
      place = end
    }
  }

  /// Reads samples of integers one number further on; `last` is that behind the last sample.
  func readNext(
    _ samples: ArraySlice<Int32>, at selection: [Int32]?, last: Int32,
    into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    precondition(number == .int32 && destination.count == samples.count * sampleBytes)
    for (index, sample) in samples.enumerated() {
      let place = selection.map { Int($0[Int(sample)]) } ?? Int(sample)
      let isLast = place == count - 1
      try verify(place / blockSize)
      if !isLast { try verify((place + 1) / blockSize) }
      let target = unsafe destination[index * sampleBytes..<(index + 1) * sampleBytes]
      try unsafe read(
        place..<place + 1, from: 4,
        into: UnsafeMutableRawBufferPointer(rebasing: target.dropLast(isLast ? 4 : 0)))
      guard isLast else { continue }
      unsafe destination.storeBytes(
        of: last, toByteOffset: (index + 1) * sampleBytes - 4, as: Int32.self)
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
    try unsafe read(samples, into: bytes)
    guard unsafe ContentHash(bytes: UnsafeRawBufferPointer(bytes)).value == checksums[block] else {
      throw Failure(
        .badData,
        "'\(path)' is damaged: block \(block) of \(checksums.count), samples \(samples.lowerBound) "
          + "to \(samples.upperBound - 1); remove the file and it is built again")
    }
    unsafe isVerified[block].store(true, ordering: .releasing)
  }

  /// Fills the target with the bytes of samples, after so many of the first one.
  private func read(
    _ samples: Range<Int>, from first: Int = 0, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    if let windows { return try unsafe read(samples, of: windows, into: target) }
    try unsafe read(at: samples.lowerBound * sampleBytes + first, of: samples, into: target)
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
