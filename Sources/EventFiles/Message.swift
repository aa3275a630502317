/// A message of protocol buffers under construction: its fields, one after the other.
struct Message {
  private(set) var bytes: [UInt8] = []

  /// The kinds of fields in their key.
  enum Kind: UInt64 {
    case integer = 0
    case eightBytes = 1
    case bytes = 2
    case fourBytes = 5
  }

  mutating func add(_ field: Int, _ value: Double) {
    key(field, .eightBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func add(_ field: Int, _ value: Float) {
    key(field, .fourBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  /// Integers and truth values.
  mutating func add(_ field: Int, _ value: Int) {
    key(field, .integer)
    integer(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: [UInt8]) {
    key(field, .bytes)
    integer(UInt64(value.count))
    bytes += value
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: Message) { add(field, message.bytes) }

  /// A list of numbers.
  mutating func add(_ field: Int, packed values: [Double]) {
    key(field, .bytes)
    integer(UInt64(8 * values.count))
    for value in values { bytes.append(littleEndian: value.bitPattern) }
  }

  private mutating func key(_ field: Int, _ kind: Kind) {
    integer(UInt64(field) << 3 | kind.rawValue)
  }

  /// Seven bits a byte, the lowest first.
  private mutating func integer(_ value: UInt64) {
    var value = value
    while value > 127 {
      bytes.append(UInt8(value & 127) | 128)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger) {
    for place in 0..<value.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: value >> (8 * place)))
    }
  }
}
