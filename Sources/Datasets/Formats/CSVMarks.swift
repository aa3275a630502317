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
    return Self.zeros(in: word ^ separators) | Self.zeros(in: word ^ Self.quotes)
      | Self.zeros(in: word ^ Self.newlines) | Self.zeros(in: word ^ Self.carriageReturns)
  }

  /// The place of the first byte whose high bit is set.
  @inline(__always)
  static func first(of marks: UInt64) -> Int { marks.trailingZeroBitCount >> 3 }

  func endsField(_ byte: UInt8) -> Bool {
    byte == separator || byte == Self.newline || byte == Self.carriageReturn
  }

  private static let quotes = word(of: quote)
  private static let newlines = word(of: newline)
  private static let carriageReturns = word(of: carriageReturn)

  @inline(__always)
  private static func word(of byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

  /// The high bit of each byte that is zero; no carry leaves its byte.
  @inline(__always)
  private static func zeros(in word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    return ~((word & low) &+ low | word | low)
  }
}
