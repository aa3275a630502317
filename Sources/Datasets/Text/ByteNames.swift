/// The names of bytes in GPT-2's files, a printable character each.
///
/// It is the byte's own character in Latin-1, or the next one from U+0100 on. The order of these
/// characters is that of the tokens of single bytes.
enum ByteNames {
  /// The bytes in the order of their tokens.
  static let order: [UInt8] = {
    let printable = Array(UInt8(0x21)...0x7e) + Array(0xa1...0xac) + Array(0xae...0xff)
    return printable + (UInt8.min...UInt8.max).filter { !printable.contains($0) }
  }()

  /// The token of each byte.
  static let tokens: [Int32] = {
    var tokens = [Int32](repeating: 0, count: 256)
    for (token, byte) in order.enumerated() { tokens[Int(byte)] = Int32(token) }
    return tokens
  }()

  private static let printableCount = 188

  private static let scalars = (UInt8.min...UInt8.max).map { byte in
    let token = UInt32(tokens[Int(byte)])
    return Unicode.Scalar(
      token < printableCount ? UInt32(byte) : 0x100 + token - UInt32(printableCount)) ?? "?"
  }

  private static let bytes = Dictionary(
    uniqueKeysWithValues: zip(scalars, UInt8.min...UInt8.max))

  static func name(of bytes: [UInt8]) -> String {
    var name = String.UnicodeScalarView()
    for byte in bytes { name.append(scalars[Int(byte)]) }
    return String(name)
  }

  /// The bytes of a name; a name with other characters, of a special token, is its own text.
  static func bytes(of name: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for scalar in name.unicodeScalars {
      guard let byte = Self.bytes[scalar] else { return Array(name.utf8) }
      bytes.append(byte)
    }
    return bytes
  }
}
