internal import Diagnostics
internal import Files
internal import Glibc

/// Reads a file, or standard input, from the first to the last byte and decompresses gzip, whatever
/// the file's name is.
///
/// Only the bytes asked for are decompressed, so a small file cannot take more memory than its
/// reader expects.
final class ByteStream: ByteSource {
  let path: String
  /// On the disk; 0 for a pipe.
  let fileSize: Int
  private(set) var isCompressed = false
  private let file: FileDescriptor
  private var inflation: Inflation
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)
  private var unread = 0..<0
  private var hasEnded = false
  /// The bytes that were read from the disk.
  private var position = 0
  /// The first bytes, if they were looked at and not read yet.
  private var seen: [UInt8] = []

  /// The path that stands for standard input.
  static let standardInput = "/dev/stdin"

  /// Gzip compresses by at most this factor.
  private static let largestExpansion = 1032

  init(_ path: String) throws(Failure) {
    self.path = path
    file =
      path == Self.standardInput
      ? try FileDescriptor(standardInput: path)
      : try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else {
      throw systemFailure("read", path, otherwise: .noInput)
    }
    fileSize = Int(status.st_size)
    inflation = try Inflation()
    // A pipe may yield one byte at a time.
    while unread.count < 2, !hasEnded { try fill() }
    isCompressed = buffer[unread].starts(with: [0x1f, 0x8b])
  }

  /// The share of the bytes on the disk that have been read; nil for a pipe.
  var share: Double? {
    fileSize > 0 ? min(1, Double(position - unread.count) / Double(fileSize)) : nil
  }

  /// The most bytes that the stream can yield.
  var sizeLimit: Int {
    let (limit, overflow) = fileSize.multipliedReportingOverflow(by: Self.largestExpansion)
    return isCompressed ? (overflow ? .max : limit) : fileSize
  }

  /// The first bytes, at most so many, which are read all the same.
  func head(_ count: Int) throws(Failure) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: count)
    let found = try unsafe head.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try unsafe read(UnsafeMutableRawBufferPointer(bytes))
    }
    seen = Array(head[..<found])
    return seen
  }

  func read(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var count = min(seen.count, target.count)
    if count > 0 {
      unsafe target.copyBytes(from: seen[..<count])
      seen.removeFirst(count)
    }
    while count < target.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[count...])
      let got = isCompressed ? try unsafe inflate(into: rest) : try unsafe take(into: rest)
      if got == 0 { break }
      count += got
    }
    return count
  }

  private func take(into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    guard try refill() else { return 0 }
    let count = min(target.count, unread.count)
    unsafe buffer.withUnsafeBytes { bytes in
      unsafe target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[unread.prefix(count)]))
    }
    unread.removeFirst(count)
    return count
  }

  /// Returns 0 at the end of the compressed data, where the file must end too.
  private func inflate(into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    while true {
      let isMore = try refill()
      if inflation.hasEnded {
        if isMore { throw damaged("bytes follow the end of the gzip data") }
        return 0
      }
      guard isMore else {
        throw damaged("the gzip data are cut off after \(fileSize.grouped) bytes")
      }
      let step = unsafe buffer.withUnsafeBytes { bytes in
        unsafe inflation.inflate(UnsafeRawBufferPointer(rebasing: bytes[unread]), into: target)
      }
      guard let step else { throw damaged("the gzip data are damaged") }
      unread.removeFirst(step.used)
      if step.made > 0 { return step.made }
    }
  }

  /// Reads on if the buffer is empty; false at the end of the file.
  private func refill() throws(Failure) -> Bool {
    if unread.isEmpty { unread = 0..<0 }
    while unread.isEmpty, !hasEnded { try fill() }
    return !unread.isEmpty
  }

  /// Reads on behind what is unread.
  private func fill() throws(Failure) {
    let end = unread.upperBound
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe Glibc.read(file.number, bytes.baseAddress.map { unsafe $0 + end }, bytes.count - end)
    }
    guard count >= 0 else {
      if errno == EINTR { return }
      throw systemFailure("read", path)
    }
    unread = unread.lowerBound..<end + count
    position += count
    hasEnded = count == 0
  }
}

extension Range<Int> {
  fileprivate func prefix(_ count: Int) -> Range<Int> { lowerBound..<lowerBound + count }

  fileprivate mutating func removeFirst(_ count: Int) { self = lowerBound + count..<upperBound }
}
