/// Reads the values of one JSON object or array as texts: strings without quotes and escapes,
/// numbers and truth values as they stand, null as an empty text.
struct JSONLineScanner {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  struct Problem: Error {
    let text: String

    init(_ text: String) { self.text = text }
  }

  private static let depthLimit = 16

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
    skipSpaces()
  }

  /// The next byte that is no space; nil at the end.
  var first: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

  /// The values of an array; arrays in it are read as if they were one.
  mutating func array() throws(Problem) -> [[UInt8]] {
    var values: [[UInt8]] = []
    try array(into: &values, depth: 1)
    return values
  }

  private mutating func array(into values: inout [[UInt8]], depth: Int) throws(Problem) {
    guard depth <= Self.depthLimit else { throw Problem("arrays are nested too deep") }
    try elements(until: "]") { scanner throws(Problem) in
      if scanner.first == UInt8(ascii: "[") {
        try scanner.array(into: &values, depth: depth + 1)
      } else {
        values.append(try scanner.value())
      }
    }
  }

  /// Calls a body with the place and the value of each member of an object that has a place; others
  /// may hold anything.
  mutating func object(
    _ places: [String: Int], _ body: (Int, [UInt8]) -> Void
  ) throws(Problem) {
    try elements(until: "}") { scanner throws(Problem) in
      let name = try scanner.name()
      if let place = places[name] {
        body(place, try scanner.value(of: name))
      } else {
        try scanner.skip(depth: 1)
      }
    }
  }

  private mutating func name() throws(Problem) -> String {
    guard first == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
    let name = String(decoding: try string(), as: UTF8.self)
    try take(":")
    return name
  }

  /// Passes a value of any kind.
  private mutating func skip(depth: Int) throws(Problem) {
    guard depth <= Self.depthLimit else { throw Problem("values are nested too deep") }
    switch first {
    case UInt8(ascii: "["):
      try elements(until: "]") { scanner throws(Problem) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "{"):
      try elements(until: "}") { scanner throws(Problem) in
        _ = try scanner.name()
        try scanner.skip(depth: depth + 1)
      }
    default: _ = try value()
    }
  }

  /// Throws unless nothing follows.
  func end() throws(Problem) {
    guard first == nil else { throw unexpected("the end of the line") }
  }

  /// Reads what stands between brackets, with commas between.
  private mutating func elements(
    until end: Unicode.Scalar, _ element: (inout Self) throws(Problem) -> Void
  ) throws(Problem) {
    advance()
    if first == UInt8(ascii: end) { return advance() }
    while true {
      try element(&self)
      if first == UInt8(ascii: end) { return advance() }
      try take(",")
    }
  }

  private mutating func value(of name: String? = nil) throws(Problem) -> [UInt8] {
    switch first {
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      let kind = first == UInt8(ascii: "[") ? "an array" : "an object"
      throw Problem("\(name.map { "'\($0)' holds" } ?? "found") \(kind), expected one value")
    default: return try word()
    }
  }

  /// A number, true, false, null, or NaN as other programs write it.
  private mutating func word() throws(Problem) -> [UInt8] {
    let text = bytes[place...].prefix {
      ![9, 10, 13, 32, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}")].contains($0)
    }
    let word = String(decoding: text, as: UTF8.self)
    let isNumber =
      Double(word) != nil && text.allSatisfy { $0 < 58 || $0 == 69 || $0 == 101 } && !text.isEmpty
    guard isNumber || ["true", "false", "null", "NaN"].contains(word) else {
      throw unexpected("a value")
    }
    place = text.endIndex
    skipSpaces()
    return ["null", "NaN"].contains(word) ? [] : Array(text)
  }

  private mutating func string() throws(Problem) -> [UInt8] {
    var text: [UInt8] = []
    place += 1
    while place < bytes.endIndex {
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        skipSpaces()
        return text
      case UInt8(ascii: "\\"): try escape(into: &text)
      default: text.append(byte)
      }
    }
    throw Problem("the line ends inside a string")
  }

  private mutating func escape(into text: inout [UInt8]) throws(Problem) {
    let escaped = first
    place += 1
    switch escaped {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escaped ?? 0)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var units = [try unit()]
      if UTF16.isLeadSurrogate(units[0]), bytes[place...].starts(with: Array("\\u".utf8)) {
        place += 2
        units.append(try unit())
      }
      text += String(decoding: units, as: UTF16.self).utf8
    default: throw Problem("a string holds '\\' and no known escape behind it")
    }
  }

  private mutating func unit() throws(Problem) -> UInt16 {
    let digits = String(decoding: bytes[place...].prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, !digits.hasPrefix("+"), !digits.hasPrefix("-"),
      let unit = UInt16(digits, radix: 16)
    else { throw Problem("a string holds '\\u' without four hexadecimal digits") }
    place += 4
    return unit
  }

  private mutating func take(_ mark: Unicode.Scalar) throws(Problem) {
    guard first == UInt8(ascii: mark) else { throw unexpected("'\(mark)'") }
    advance()
  }

  /// Passes a byte and the spaces behind it.
  private mutating func advance() {
    place += 1
    skipSpaces()
  }

  private mutating func skipSpaces() {
    while let byte = first, [9, 10, 13, 32].contains(byte) { place += 1 }
  }

  private func unexpected(_ expected: String) -> Problem {
    let found = String(decoding: bytes[min(place, bytes.endIndex)...].prefix(20), as: UTF8.self)
    return Problem(
      "expected \(expected) at byte \(place - bytes.startIndex + 1) of the line, found "
        + (found.isEmpty ? "its end" : "'\(found)'"))
  }
}
