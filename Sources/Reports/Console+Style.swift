extension Console {
  /// A colour or weight of text, by its number in a terminal's control sequences.
  package enum Style: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
  }

  /// The text in a style, where the console has any.
  package func styled(_ text: String, _ style: Style) -> String {
    hasColor && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}
