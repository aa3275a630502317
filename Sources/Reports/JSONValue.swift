internal import Diagnostics

/// A JSON value; an object keeps the order of its keys.
package enum JSONValue: CustomStringConvertible, Sendable {
  case object([(String, JSONValue)])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  /// Written with the fewest digits that read back as the same number; NaN and infinities are null.
  case number(Double)
  case boolean(Bool)
  case null

  /// The value as one line of JSON.
  package var description: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .object(let members):
      text += "{"
      for (i, (key, value)) in members.enumerated() {
        text += i > 0 ? ", " : ""
        JSONValue.write(key, to: &text)
        text += ": "
        value.write(to: &text)
      }
      text += "}"
    case .array(let elements):
      text += "["
      for (i, element) in elements.enumerated() {
        text += i > 0 ? ", " : ""
        element.write(to: &text)
      }
      text += "]"
    case .string(let string): JSONValue.write(string, to: &text)
    case .integer(let integer): text += String(integer)
    case .number(let number): text += number.isFinite ? number.description : "null"
    case .boolean(let boolean): text += boolean ? "true" : "false"
    case .null: text += "null"
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.isPrintable: text.unicodeScalars.append(scalar)
      default:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    text += "\""
  }
}

extension JSONValue {
  /// Returns a number of targets, or a sum of their weights.
  package static func count(_ value: Double) -> JSONValue {
    value.wholeNumber.map { .integer($0) } ?? .number(value)
  }

  /// Returns a number, or null for nil.
  package static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
}
