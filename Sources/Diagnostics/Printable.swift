extension String {
  /// The text on one line: control characters are escaped (`\n`, `\u{1B}`), and so are characters
  /// that turn the direction of writing, and the bytes of a path that are not UTF-8 (`\xff`).
  package var printable: String {
    // Plain ASCII, by far the most, stays as it is.
    if utf8.allSatisfy({ 0x20...0x7e ~= $0 }) { return self }
    return unicodeScalars.map { scalar in
      if let byte = scalar.byte { return "\\x" + String(byte, radix: 16) }
      return scalar.isPrintable ? String(scalar) : scalar.escaped(asASCII: true)
    }.joined()
  }
}

extension Unicode.Scalar {
  /// Whether it neither breaks a line, nor turns its direction, nor controls a terminal.
  package var isPrintable: Bool {
    switch value {
    case 0..<0x20, 0x7f..<0xa0: false
    case 0x61c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: false
    default: byte == nil
    }
  }
}

/// What a user wrote, in quotes in a message: on one line, and cut where it is long.
package func quoted(_ text: String) -> String {
  let scalars = text.unicodeScalars
  let shown = String(String.UnicodeScalarView(scalars.prefix(60))).printable
  return "'\(shown)\(scalars.count > 60 ? "..." : "")'"
}
