/// The bytes that end a field of a CSV file or begin a quoted one, found in a word at a time.
struct CSVMarks {
  static let quote = UInt8(ascii: "\"")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  /// The bytes of a word.
  static let width = 8

  let separator: UInt8
  private let separators: UInt64

  init(separator: UInt8) {
    self.separator = separator
    separators = Self.word(of: separator)
  }

  /// The high bit of each of eight bytes that is a mark.
  @inline(__always)
  func find(in bytes: UnsafePointer<UInt8>) -> UInt64 {
    let word = unsafe UInt64(
      littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    // Marks have no high bit; without it, no sum of a byte carries into the next one.
    let bytes = word & Self.low
    let others =
      ((bytes ^ separators) &+ Self.low) & ((bytes ^ Self.quotes) &+ Self.low)
      & ((bytes ^ Self.newlines) &+ Self.low) & ((bytes ^ Self.carriageReturns) &+ Self.low)
    return ~(others | word | Self.low)
  }

  /// The place of the first byte whose high bit is set.
  @inline(__always)
  static func first(of marks: UInt64) -> Int { marks.trailingZeroBitCount >> 3 }

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
