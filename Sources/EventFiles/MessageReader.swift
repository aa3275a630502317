/// The fields of a message of protocol buffers, in their order, up to the first that is damaged.
struct MessageReader: Sequence, IteratorProtocol {
  /// A field; numbers of four or eight bytes are given as bits.
  enum Value {
    case integer(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() -> (field: Int, value: Value)? {
    guard let key = integer() else { return nil }
    let value: Value? =
      switch Message.Kind(rawValue: key & 7) {
      case .integer: integer().map { .integer($0) }
      case .eightBytes: take(8).map { .integer($0.littleEndian) }
      case .fourBytes: take(4).map { .integer($0.littleEndian) }
      case .bytes: integer().flatMap { take($0) }.map { .bytes($0) }
      case nil: nil
      }
    guard let value else {
      rest = []
      return nil
    }
    return (Int(truncatingIfNeeded: key >> 3), value)
  }

  private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  private mutating func integer() -> UInt64? {
    var value: UInt64 = 0
    for place in 0..<10 {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 127) << (7 * UInt64(place))
      if byte < 128 { return value }
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// The number of up to eight bytes.
  var littleEndian: UInt64 {
    reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
