internal import Diagnostics
internal import Files
internal import Glibc

/// Reads the records of a file in their order, up to the first that is damaged.
struct RecordReader: ~Copyable {
  private let file: FileDescriptor
  private let path: String
  private let size: UInt64
  /// The bytes up to the end of the last record that was read.
  private(set) var end: UInt64 = 0

  init(_ path: String) throws(Failure) {
    file = try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
    self.path = path
    size = UInt64(max(0, fileStatus(path)?.st_size ?? 0))
  }

  /// Whether all of the file has been read: nothing is damaged.
  var isAtEnd: Bool { end == size }

  /// Returns the contents of the next record.
  mutating func next() throws(Failure) -> [UInt8]? {
    let header = try bytes(at: end, UInt64(Record.headerSize))
    let frame = UInt64(Record.headerSize + Record.trailerSize)
    guard let length = Record.length(header[...]), size - end >= frame, length <= size - end - frame
    else { return nil }
    let contents = try bytes(at: end + UInt64(Record.headerSize), length)
    let trailer = try bytes(
      at: end + UInt64(Record.headerSize) + length, UInt64(Record.trailerSize))
    guard Record.isWhole(contents, trailer[...]) else { return nil }
    end += frame + length
    return contents
  }

  /// Returns bytes of the file, fewer at its end.
  private func bytes(at start: UInt64, _ count: UInt64) throws(Failure) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: Int(min(count, size - min(start, size))))
    var done = 0
    while done < result.count {
      let count = unsafe result.withUnsafeMutableBytes { bytes in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
        return unsafe pread(
          file.number, rest.baseAddress, rest.count, off_t(start) + off_t(done))
      }
      if count > 0 {
        done += count
      } else if count == 0 {
        return Array(result.prefix(done))
      } else if errno != EINTR {
        throw systemFailure("read", path)
      }
    }
    return result
  }
}
