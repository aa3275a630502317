package import Diagnostics

/// Reads an untrusted JSON text: strict, with limits, and without values for numbers.
///
/// Beyond RFC 8259 it refuses two members of one name. The limits bound all memory: the numbers of
/// lists stay text until their expected number is known.
package struct JSONParser {
  private let text: JSONText
  private var offset = 0
  private var depth = 0
  /// The number of values in the tree.
  private var count = 0

  /// Models nest a handful of lists, and blocks of layers within layers a few times more.
  private static let depthLimit = 96
  private static let countLimit = 400_000
  private static let keyLimit = 256
  private static let textLimit = 1 << 24

  package static func parse(_ text: JSONText) throws(Failure) -> JSONNode {
    var parser = JSONParser(text)
    parser.skipSpace()
    let node = try parser.value()
    parser.skipSpace()
    guard parser.offset == text.bytes.count else {
      throw parser.expected("the end of the file after the last brace")
    }
    return node
  }

  private init(_ text: JSONText) { self.text = text }

  private var byte: UInt8 { offset < text.bytes.count ? text.bytes[offset] : 0 }

  private func expected(_ what: String) -> Failure {
    text.failure(at: offset, "expected \(what), found \(text.shown(at: offset))")
  }

  private mutating func skipSpace() {
    let bytes = text.bytes
    while offset < bytes.count, JSONParser.isSpace(bytes[offset]) { offset += 1 }
  }

  package static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  private mutating func value() throws(Failure) -> JSONNode {
    count += 1
    guard count <= Self.countLimit else {
      throw text.failure(at: offset, "expected at most \(Self.countLimit.grouped) values")
    }
    let start = offset
    let content: JSONNode.Content
    switch byte {
    case UInt8(ascii: "{"): content = try nested { parser throws(Failure) in try parser.object() }
    case UInt8(ascii: "["): content = try nested { parser throws(Failure) in try parser.list() }
    case UInt8(ascii: "\""): content = .text(try string(upTo: Self.textLimit))
    case UInt8(ascii: "t"): content = try word("true", .boolean(true))
    case UInt8(ascii: "f"): content = try word("false", .boolean(false))
    case UInt8(ascii: "n"): content = try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      try skipNumber()
      content = .number
    default: throw expected("a value")
    }
    return JSONNode(range: start..<offset, content: content)
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(Failure) -> JSONNode.Content
  ) throws(Failure) -> JSONNode.Content {
    guard depth < Self.depthLimit else {
      throw text.failure(at: offset, "expected at most \(Self.depthLimit) lists in each other")
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func word(
    _ word: StaticString, _ content: JSONNode.Content
  ) throws(Failure) -> JSONNode.Content {
    let letters = Array(word.description.utf8)
    guard text.bytes[offset...].starts(with: letters) else { throw expected("a value") }
    offset += letters.count
    return content
  }

  private mutating func object() throws(Failure) -> JSONNode.Content {
    offset += 1
    var members: [JSONNode.Member] = []
    var keys: Set<String> = []
    skipSpace()
    if byte == UInt8(ascii: "}") {
      offset += 1
      return .object([])
    }
    while true {
      guard byte == UInt8(ascii: "\"") else { throw expected("a key in quotes") }
      let place = offset
      let key = try string(upTo: Self.keyLimit)
      guard keys.insert(key).inserted else {
        throw text.failure(at: place, "the key \(quoted(key)) stands twice in one object")
      }
      skipSpace()
      guard byte == UInt8(ascii: ":") else { throw expected("':'") }
      offset += 1
      skipSpace()
      members.append(JSONNode.Member(key: key, value: try value()))
      if try end(of: UInt8(ascii: "}")) { return .object(members) }
    }
  }

  /// Skips a comma, or the end of an object or a list, and returns which.
  private mutating func end(of closing: UInt8) throws(Failure) -> Bool {
    skipSpace()
    guard byte == closing || byte == UInt8(ascii: ",") else {
      throw expected("',' or '\(Character(UnicodeScalar(closing)))'")
    }
    let isEnd = byte == closing
    offset += 1
    if !isEnd { skipSpace() }
    return isEnd
  }

  private mutating func list() throws(Failure) -> JSONNode.Content {
    offset += 1
    skipSpace()
    if byte == UInt8(ascii: "]") {
      offset += 1
      return .numbers(0)
    }
    var (numbers, hasNumbers, isMixture) = (0, false, false)
    var elements: [JSONNode] = []
    while true {
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        try skipNumber()
        (numbers, hasNumbers) = (numbers + 1, true)
      case UInt8(ascii: "["):
        // Lists of numbers leave no trace in the tree: there may be one for each few bytes.
        let start = offset
        switch try nested({ parser throws(Failure) in try parser.list() }) {
        case .numbers(let more): (numbers, hasNumbers) = (numbers + more, true)
        case let content:
          elements.append(JSONNode(range: start..<offset, content: content))
        }
      default: elements.append(try value())
      }
      isMixture = isMixture || hasNumbers && !elements.isEmpty
      if isMixture { elements = [] }
      if try end(of: UInt8(ascii: "]")) { break }
    }
    return isMixture ? .mixture : hasNumbers ? .numbers(numbers) : .list(elements)
  }

  private mutating func skipNumber() throws(Failure) {
    let bytes = text.bytes
    guard let end = DecimalNumber.end(in: bytes, from: offset) else {
      throw text.failure(at: offset, "expected a number as JSON writes it")
    }
    offset = end
  }

  // MARK: Texts

  private mutating func string(upTo limit: Int) throws(Failure) -> String {
    let start = offset
    offset += 1
    var units: [UInt8] = []
    let bytes = text.bytes
    while true {
      guard offset < bytes.count else { throw text.failure(at: start, "the text has no end") }
      guard offset - start <= limit else {
        throw text.failure(at: start, "expected a text of at most \(limit.grouped) bytes")
      }
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: units, as: UTF8.self) else {
          throw text.failure(at: start, "the text is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): try escape(into: &units)
      case 0..<0x20: throw text.failure(at: offset - 1, "a control character in a text")
      default: units.append(byte)
      }
    }
  }

  private mutating func escape(into units: inout [UInt8]) throws(Failure) {
    let place = offset - 1
    let letter = byte
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(letter)
    case UInt8(ascii: "b"): units.append(0x08)
    case UInt8(ascii: "f"): units.append(0x0c)
    case UInt8(ascii: "n"): units.append(0x0a)
    case UInt8(ascii: "r"): units.append(0x0d)
    case UInt8(ascii: "t"): units.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal(place)
      if 0xd800..<0xdc00 ~= code, byte == UInt8(ascii: "\\") {
        offset += 1
        guard byte == UInt8(ascii: "u") else { throw text.failure(at: place, "half a character") }
        offset += 1
        let low = try hexadecimal(place)
        guard 0xdc00..<0xe000 ~= low else { throw text.failure(at: place, "half a character") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = UnicodeScalar(code) else {
        throw text.failure(at: place, "half a character")
      }
      units.append(contentsOf: String(scalar).utf8)
    default: throw text.failure(at: place, "an escape that JSON does not have")
    }
  }

  /// Four digits after `\u`.
  private mutating func hexadecimal(_ place: Int) throws(Failure) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw text.failure(at: place, "expected four digits after \\u")
      }
      code = code << 4 + UInt32(digit)
      offset += 1
    }
    return code
  }
}
