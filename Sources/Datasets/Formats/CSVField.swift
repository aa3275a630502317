/// The bytes of a field of a CSV file, valid until the next record is read.
@safe struct CSVField {
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

  var isEmpty: Bool { unsafe bytes.isEmpty }

  /// Whether the field stands for a missing value.
  var isMissing: Bool {
    switch unsafe bytes.count {
    case 0: true
    case 1: self == "?"
    case 2: self == "NA"
    case 3: self == "N/A" || self == "NaN" || self == "nan"
    case 4: self == "null" || self == "NULL"
    default: false
    }
  }

  var text: String { unsafe String(decoding: bytes, as: UTF8.self) }

  /// A copy of the bytes, which may be no UTF-8.
  var copy: [UInt8] { unsafe Array(bytes) }

  /// The number that the field holds, nil if it is none; spaces in front do not count.
  func number() -> Double? {
    Double(text.drop { $0 == " " })
  }

  /// The number of the word in a table, nil if it has none.
  func index(in words: ByteTable) -> Int? {
    unsafe words.index(of: Span(_unsafeElements: bytes))
  }

  /// The number of the word in a table, to which it is added if it is new.
  func insert(into words: inout ByteTable) -> Int {
    unsafe words.insert(Span(_unsafeElements: bytes))
  }

  static func == (field: CSVField, text: StaticString) -> Bool {
    guard unsafe field.bytes.count == text.utf8CodeUnitCount else { return false }
    return unsafe field.bytes.elementsEqual(
      UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
