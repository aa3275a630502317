internal import Diagnostics
internal import Files
internal import Glibc
internal import Synchronization

/// Samples that lie one after the other in a cache file, and are read where they lie.
///
/// Processes of one machine share the system's copy of the file, which may be larger than memory. The
/// file is not mapped: that would turn a truncated one into a crash. Blocks of samples have
/// checksums, which are compared when a block is first touched.
@safe package final class CachedSamples: @unchecked Sendable {
  package let path: String
  package let count: Int
  package let number: Dataset.Number
  /// The numbers in a sample.
  package let sampleSize: Int
  let checksums: [UInt64]
  /// Where in the file the first sample is.
  private let offset: Int
  private let file: FileDescriptor
  private let blockSize: Int
  private let isVerified: UnsafeMutablePointer<Atomic<Bool>>
  /// Room for a block while it is verified, one at a time.
  private let scratch: UnsafeMutableRawBufferPointer
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  /// Samples of a block: 1024, or as many as fit in a mebibyte.
  static func blockSize(sampleBytes: Int) -> Int {
    max(1, min(1024, (1 << 20) / sampleBytes))
  }

  static func blockCount(samples: Int, sampleBytes: Int) -> Int {
    let size = blockSize(sampleBytes: sampleBytes)
    return (samples + size - 1) / size
  }

  init(
    _ path: String, at offset: Int, count: Int, number: Dataset.Number, sampleSize: Int,
    checksums: [UInt64]
  ) throws(Failure) {
    file = try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
    self.path = path
    self.offset = offset
    self.count = count
    self.number = number
    self.sampleSize = sampleSize
    self.checksums = checksums
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

  private var sampleBytes: Int { sampleSize * number.size }

  /// Reads samples one after the other; those that follow each other in the file come in one piece.
  ///
  /// A selection says where in the file each sample is; without one they are there in order.
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

  /// Compares a block with its checksum when it is touched for the first time.
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
          + "to \(samples.upperBound - 1); remove the file and it is made again")
    }
    unsafe isVerified[block].store(true, ordering: .releasing)
  }

  private func read(
    _ samples: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    var done = 0
    while done < target.count {
      let got = unsafe pread(
        file.number, target.baseAddress.map { unsafe $0 + done }, target.count - done,
        off_t(offset + samples.lowerBound * sampleBytes + done))
      if got > 0 {
        done += got
      } else if got == 0 {
        throw Failure(
          .badData,
          "'\(path)' was cut off within samples \(samples.lowerBound) to \(samples.upperBound - 1); "
            + "remove the file and it is made again")
      } else if errno != EINTR {
        throw systemFailure("read", path)
      }
    }
  }
}
