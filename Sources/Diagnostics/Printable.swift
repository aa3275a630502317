extension String {
  /// The text with these characters escaped: control characters (`\n`, `\u{1B}`), characters that
  /// change the text direction, and bytes of a path that are not UTF-8 (`\xff`).
  package var printable: String {
    // The fast path: most text is plain ASCII.
    if utf8.allSatisfy({ 0x20...0x7e ~= $0 }) { return self }
    return unicodeScalars.map { scalar in
      if let byte = scalar.byte { return "\\x" + String(byte, radix: 16) }
      return scalar.isPrintable ? String(scalar) : scalar.escaped(asASCII: true)
    }.joined()
  }
}

extension Unicode.Scalar {
  /// False for characters that break a line, change the text direction or control a terminal.
  package var isPrintable: Bool {
    switch value {
    case 0..<0x20, 0x7f..<0xa0: false
    case 0x61c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: false
    default: byte == nil
    }
  }
}

/// Returns a text in quotes for a message: escaped, and truncated after 60 characters.
package func quoted(_ text: String) -> String {
  let scalars = text.unicodeScalars
  let shown = String(String.UnicodeScalarView(scalars.prefix(60))).printable
  return "'\(shown)\(scalars.count > 60 ? "..." : "")'"
}
