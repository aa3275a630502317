/// The bytes of a field of a CSV file, valid until the next record is read.
///
/// Behind them are eight more that can be read.
@safe package struct CSVField {
  private let bytes: UnsafeBufferPointer<UInt8>

  package init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

  var isEmpty: Bool { unsafe bytes.isEmpty }

  /// Whether the field stands for a missing value.
  @inline(__always)
  var isMissing: Bool {
    // The longest of them has four bytes; hardly a number is as short and begins like one.
    guard unsafe bytes.count <= 4 else { return false }
    guard let first = unsafe bytes.first else { return true }
    return (first | 0x20 == UInt8(ascii: "n") || first == UInt8(ascii: "?")) && isMissingWord
  }

  private var isMissingWord: Bool {
    guard let first = unsafe bytes.first else { return true }
    switch first {
    case UInt8(ascii: "N"): return ["NA", "N/A", "NaN", "NULL"].contains(where: self.is)
    case UInt8(ascii: "n"): return self.is("nan") || self.is("null")
    case UInt8(ascii: "?"): return unsafe bytes.count == 1
    default: return false
    }
  }

  var text: String { unsafe String(decoding: bytes, as: UTF8.self) }

  var isUTF8: Bool { unsafe String(validating: bytes, as: UTF8.self) != nil }

  /// The text for a message.
  var shown: String {
    // A character has at most four bytes; more marks on one are cut off.
    unsafe String(decoding: bytes.prefix(4 * String.clippedLength + 4), as: UTF8.self).clipped
  }

  /// A copy of the bytes, which may be no UTF-8.
  var copy: [UInt8] { unsafe Array(bytes) }

  /// The nearest number to a decimal one of up to 19 digits; nil of other numbers, too.
  @inline(__always)
  var decimal: Double? { unsafe DecimalNumber(bytes)?.nearest }

  /// The nearest number to the one that the field holds, nil if it is none.
  ///
  /// True and yes are 1, false and no 0. Spaces around it do not count.
  package func number() -> Double? {
    if let number = decimal { return number }
    // The library would stop at a zero byte.
    guard unsafe !bytes.contains(0) else { return nil }
    let trimmed = unsafe bytes.trimmed
    let text = unsafe String(decoding: trimmed, as: UTF8.self)
    return Double(text) ?? Self.truth(text)
  }

  /// The integer that the field holds, perhaps with a fraction of zeros; nil if it is none.
  var wholeNumber: Int? {
    decimal.flatMap { Int(exactly: $0) }
  }

  private static func truth(_ text: String) -> Double? {
    switch text.lowercased() {
    case "true", "yes": 1
    case "false", "no": 0
    default: nil
    }
  }

  /// The number of the word in a table, nil if it has none.
  func index(in words: ByteTable) -> Int? {
    unsafe words.index(of: WordsOfBytes(followed: bytes))
  }

  /// The number of the word in a table, to which it is added if it is new.
  func insert(into words: inout ByteTable) -> Int {
    unsafe words.insert(WordsOfBytes(followed: bytes))
  }

  private func `is`(_ text: StaticString) -> Bool {
    unsafe bytes.elementsEqual(
      UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}

extension String {
  static let clippedLength = 60

  /// The beginning of a text for a message.
  var clipped: String {
    count <= Self.clippedLength ? self : "\(prefix(Self.clippedLength))..."
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Without the spaces around it.
  fileprivate var trimmed: Slice<Self> {
    let isSpace = { $0 == UInt8(ascii: " ") }
    let start = unsafe firstIndex { !isSpace($0) } ?? endIndex
    let end = unsafe lastIndex { !isSpace($0) } ?? startIndex - 1
    return unsafe self[start..<Swift.max(start, end + 1)]
  }
}
