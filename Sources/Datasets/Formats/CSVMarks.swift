/// The bytes that end a field of a CSV file or begin a quoted one, found in 64 bytes at a time.
struct CSVMarks {
  static let quote = UInt8(ascii: "\"")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  /// The bytes that are searched at once.
  static let width = 64

  let separator: UInt8
  private let separators: UInt64

  init(separator: UInt8) {
    self.separator = separator
    separators = Self.word(of: separator)
  }

  /// A bit for each of the next bytes, the first of them the lowest: 1 for a mark.
  @inline(__always)
  func find(in bytes: UnsafePointer<UInt8>) -> UInt64 {
    var (marks, place) = (UInt64(0), 0)
    while place < Self.width {
      let word = unsafe UnsafeRawPointer(bytes).loadUnaligned(
        fromByteOffset: place, as: UInt64.self)
      marks |= find(in: word.littleEndian) << UInt64(truncatingIfNeeded: place)
      place &+= 8
    }
    return marks
  }

  @inline(__always)
  private func find(in word: UInt64) -> UInt64 {
    // Marks have no high bit; without it, no sum of a byte carries into the next one.
    let bytes = word & Self.low
    let others =
      ((bytes ^ separators) &+ Self.low) & ((bytes ^ Self.quotes) &+ Self.low)
      & ((bytes ^ Self.newlines) &+ Self.low) & ((bytes ^ Self.carriageReturns) &+ Self.low)
    let marks = ~(others | word) >> 7 & Self.word(of: 1)
    // The lowest bits of the bytes side by side.
    return (marks &* 0x0102_0408_1020_4080) >> 56
  }

  func endsField(_ byte: UInt8) -> Bool {
    byte == separator || byte == Self.newline || byte == Self.carriageReturn
  }

  private static let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
  private static let quotes = word(of: quote)
  private static let newlines = word(of: newline)
  private static let carriageReturns = word(of: carriageReturn)

  @inline(__always)
  private static func word(of byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }
}
