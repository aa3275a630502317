/// Bytes between checksums: the length, its checksum, the contents, their checksum.
enum Record {
  static let headerSize = 12
  static let trailerSize = 4

  /// The bytes of a file for some contents.
  static func framed(_ contents: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerSize + contents.count + trailerSize)
    bytes.append(littleEndian: UInt64(contents.count))
    bytes.append(littleEndian: CRC32C.masked(bytes.span))
    bytes += contents
    bytes.append(littleEndian: CRC32C.masked(contents.span))
    return bytes
  }

  /// Returns the length of the contents behind a header; nil if the header is damaged.
  static func length(_ header: ArraySlice<UInt8>) -> UInt64? {
    guard header.count == headerSize else { return nil }
    let sum = UInt64(CRC32C.masked(Array(header.prefix(8)).span))
    return header.suffix(4).littleEndian == sum ? header.prefix(8).littleEndian : nil
  }

  /// Whether the checksum of some contents is right.
  static func isWhole(_ contents: [UInt8], _ trailer: ArraySlice<UInt8>) -> Bool {
    trailer.count == trailerSize && trailer.littleEndian == UInt64(CRC32C.masked(contents.span))
  }
}
