package import Diagnostics
package import JSON
package import Reports

extension JSONValue {
  /// The value of a whole text.
  ///
  /// A list of numbers and other things is an empty list: no file of a run has one.
  package init(reading text: JSONText) throws(Failure) {
    self.init(try JSONParser.parse(text), text.bytes)
  }

  private init(_ node: JSONNode, _ bytes: [UInt8]) {
    switch node.content {
    case .object(let members):
      self = .object(members.map { ($0.key, JSONValue($0.value, bytes)) })
    case .list(let elements): self = .array(elements.map { JSONValue($0, bytes) })
    case .numbers:
      var place = node.range.lowerBound
      self = Self.numbers(bytes, &place)
    case .mixture: self = .array([])
    case .text(let text): self = .string(text)
    case .number:
      var place = node.range.lowerBound
      self = Self.number(bytes, &place)
    case .boolean(let isTrue): self = .boolean(isTrue)
    case .null: self = .null
    }
  }

  /// Numbers in lists within lists, whose syntax was checked.
  private static func numbers(_ bytes: [UInt8], _ place: inout Int) -> JSONValue {
    var elements: [JSONValue] = []
    place += 1
    while true {
      switch bytes[place] {
      case UInt8(ascii: "]"):
        place += 1
        return .array(elements)
      case UInt8(ascii: "["): elements.append(numbers(bytes, &place))
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        elements.append(number(bytes, &place))
      default: place += 1
      }
    }
  }

  private static func number(_ bytes: [UInt8], _ place: inout Int) -> JSONValue {
    let end = DecimalNumber.end(in: bytes, from: place) ?? place + 1
    let digits = String(decoding: bytes[place..<end], as: UTF8.self)
    place = end
    return Int(digits).map { .integer($0) } ?? .number(Double(digits) ?? .nan)
  }

  // MARK: Parts

  /// The member of a name; nil if there is none, or if the value is no object.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.0 == key }?.1
  }

  package var members: [(String, JSONValue)] {
    if case .object(let members) = self { members } else { [] }
  }

  package var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  package var text: String? { if case .string(let text) = self { text } else { nil } }

  package var integer: Int? {
    switch self {
    case .integer(let integer): integer
    case .number(let number): Int(exactly: number)
    default: nil
    }
  }

  /// The number; not-a-number for null, which stands for what is not finite.
  package var double: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .null: .nan
    default: nil
    }
  }
}
