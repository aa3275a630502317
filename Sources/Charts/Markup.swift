internal import Diagnostics

/// HTML or SVG text: names of elements and attributes stand in the sources, values are escaped.
///
/// Every element is closed, so that the text is well-formed whatever its values are.
package struct Markup: Sendable {
  package private(set) var text = ""

  package init() {}

  package typealias Attributes = KeyValuePairs<String, String>

  /// An element with contents.
  package mutating func element(
    _ name: String, _ attributes: Attributes = [:], _ contents: (inout Markup) -> Void
  ) {
    open(name, attributes)
    contents(&self)
    text += "</\(name)>"
  }

  /// An element with contents, whose attributes are computed.
  package mutating func element(
    _ name: String, computed attributes: [(key: String, value: String)],
    _ contents: (inout Markup) -> Void
  ) {
    open(name, attributes)
    contents(&self)
    text += "</\(name)>"
  }

  /// An element that holds text.
  package mutating func element(_ name: String, _ attributes: Attributes, _ contents: String) {
    element(name, attributes) { $0.write(contents) }
  }

  /// An element without attributes that holds text.
  package mutating func element(_ name: String, _ contents: String) {
    element(name, [:], contents)
  }

  /// An element without contents, such as `meta` or `path`.
  package mutating func empty(_ name: String, _ attributes: Attributes = [:]) {
    open(name, attributes)
    text.removeLast()
    text += "/>"
  }

  private mutating func open(
    _ name: String, _ attributes: some Sequence<(key: String, value: String)>
  ) {
    text += "<\(name)"
    for (key, value) in attributes {
      text += " \(key)=\""
      write(value)
      text += "\""
    }
    text += ">"
  }

  /// Text, escaped.
  package mutating func write(_ contents: String) {
    let isPlain = contents.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
        UInt8(ascii: "'"):
        false
      case 0x0a, 0x20...0x7e: true
      default: false
      }
    }
    if isPlain {
      text += contents
    } else {
      for scalar in contents.unicodeScalars { write(scalar) }
    }
  }

  /// Characters that control a terminal or change the direction of text are shown as what they are.
  private mutating func write(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "&": text += "&amp;"
    case "<": text += "&lt;"
    case ">": text += "&gt;"
    case "\"": text += "&quot;"
    case "'": text += "&#39;"
    case "\n", "\t": text.unicodeScalars.append(scalar)
    case "\r": break
    default:
      if scalar.isPrintable {
        text.unicodeScalars.append(scalar)
      } else {
        text += String(scalar).printable
      }
    }
  }

  /// What is markup already.
  package mutating func add(_ markup: Markup) { text += markup.text }

  /// The contents of a `style` or `script` element: text of the sources that is not escaped, or
  /// JSON in which nothing can end the element.
  package mutating func raw(_ name: String, _ attributes: Attributes, _ contents: String) {
    open(name, attributes)
    text += contents
    text += "</\(name)>\n"
  }

  /// A line break between elements, for people who read the source.
  package mutating func newline() { text += "\n" }
}
