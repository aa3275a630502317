internal import Diagnostics

/// Reads a JSON object whose members are integers, as a vocabulary is.
struct NumberedNames {
  private let text: [UInt8]
  private let source: String
  private var place = 0

  init(_ text: [UInt8], source: String) {
    self.text = text
    self.source = source
  }

  mutating func entries() throws(Failure) -> [(name: String, number: Int)] {
    var entries: [(name: String, number: Int)] = []
    try expect("{")
    skipSpace()
    if next != UInt8(ascii: "}") {
      repeat {
        let name = try string()
        try expect(":")
        entries.append((name, try integer()))
        skipSpace()
      } while take(",")
    }
    try expect("}")
    skipSpace()
    guard place == text.count else { throw failure("the end of the file") }
    return entries
  }

  private var next: UInt8? { place < text.count ? text[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { place += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    skipSpace()
    guard take(character) else { throw failure("'\(character)'") }
  }

  private mutating func integer() throws(Failure) -> Int {
    skipSpace()
    var number = 0
    let start = place
    while let byte = next, 0x30...0x39 ~= byte, place < start + 10 {
      number = 10 * number + Int(byte - 0x30)
      place += 1
    }
    guard place > start else { throw failure("the number of a token") }
    return number
  }

  private mutating func string() throws(Failure) -> String {
    try expect("\"")
    var units: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw failure("a character of a string, or its end") }
      if byte == UInt8(ascii: "\\") {
        place += 1
        units += Array(String(try escaped()).utf8)
      } else {
        units.append(byte)
        place += 1
      }
    }
    try expect("\"")
    guard let name = String(validating: units, as: UTF8.self) else {
      throw failure("UTF-8 in the string before it")
    }
    return name
  }

  /// The character of an escape sequence, of which the backslash has been read.
  private mutating func escaped() throws(Failure) -> Unicode.Scalar {
    let escapes: [UInt8: Unicode.Scalar] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
      UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n",
      UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    if let byte = next, let scalar = escapes[byte] {
      place += 1
      return scalar
    }
    let first = try codeUnit()
    guard 0xd800...0xdbff ~= first else {
      guard let scalar = Unicode.Scalar(first) else { throw failure("a pair of surrogates") }
      return scalar
    }
    guard take("\\"), case let second = try codeUnit(), 0xdc00...0xdfff ~= second,
      let scalar = Unicode.Scalar(0x1_0000 + ((first - 0xd800) << 10 | (second - 0xdc00)))
    else { throw failure("a pair of surrogates") }
    return scalar
  }

  /// The number of `u` and four hexadecimal digits.
  private mutating func codeUnit() throws(Failure) -> UInt32 {
    let digits = text[min(place + 1, text.count)..<min(place + 5, text.count)]
    guard next == UInt8(ascii: "u"), digits.count == 4,
      digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("an escape sequence of JSON") }
    place += 5
    return unit
  }

  private func failure(_ expected: String) -> Failure {
    let found = next.map { quoted(String(Unicode.Scalar($0))) } ?? "the end of the file"
    return Failure(
      .badData,
      "'\(source)': expected \(expected) at byte \(place.grouped), found \(found); a vocabulary is "
        + "a JSON object such as {\"a\": 0, \"b\": 1}")
  }
}
