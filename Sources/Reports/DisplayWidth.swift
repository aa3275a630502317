extension String {
  /// The number of terminal columns of the text; East Asian letters and emoji have two.
  package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// Returns the text padded with spaces to a width.
  package func padded(to width: Int, _ alignment: Table.Alignment = .left) -> String {
    let space = String(repeating: " ", count: max(0, width - displayWidth))
    return alignment == .left ? self + space : space + self
  }

  /// Returns the text, truncated with an ellipsis if it is wider.
  package func clipped(to width: Int) -> String {
    guard displayWidth > width else { return self }
    var (text, room) = ("", width - 1)
    for character in self {
      room -= character.displayWidth
      guard room >= 0 else { break }
      text.append(character)
    }
    return text + "…"
  }
}

extension Character {
  /// The width of the base scalar; combining marks have no width.
  fileprivate var displayWidth: Int {
    guard let base = unicodeScalars.first else { return 0 }
    switch base.properties.generalCategory {
    case .control, .format, .nonspacingMark, .enclosingMark: return 0
    default: return wide.contains { $0.contains(base.value) } ? 2 : 1
    }
  }
}

/// The Unicode blocks whose characters are two columns wide.
private let wide: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
  0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
  0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD,
]
