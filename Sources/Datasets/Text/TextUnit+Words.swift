/// GPT-2's splitting of a text into words, whose regular expression is
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// A byte that is not UTF-8 counts as punctuation.
extension TextUnit {
  private enum Kind { case letter, number, space, other }

  static func wordEnd(of place: Int, in text: Span<UInt8>) -> Int {
    if text[place] == UInt8(ascii: "'"), let end = contractionEnd(of: place, in: text) {
      return end
    }
    var first = place
    if text[place] == UInt8(ascii: " "), place + 1 < text.count,
      symbol(at: place + 1, in: text).kind != .space
    {
      first += 1
    }
    let kind = symbol(at: first, in: text).kind
    var (last, end) = (first, first)
    while end < text.count, case let next = symbol(at: end, in: text), next.kind == kind {
      last = end
      end += next.length
    }
    // The last space before a word belongs to the word, or is alone.
    return kind == .space && end < text.count && last > first ? last : end
  }

  private static func contractionEnd(of place: Int, in text: Span<UInt8>) -> Int? {
    guard place + 1 < text.count else { return nil }
    switch text[place + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return place + 2
    case let letter:
      guard place + 2 < text.count else { return nil }
      switch (letter, text[place + 2]) {
      case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
        (UInt8(ascii: "l"), UInt8(ascii: "l")):
        return place + 3
      default: return nil
      }
    }
  }

  private static func symbol(at place: Int, in text: Span<UInt8>) -> (kind: Kind, length: Int) {
    let byte = text[place]
    if byte < 0x80 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
        return (.letter, 1)
      case UInt8(ascii: "0")...UInt8(ascii: "9"): return (.number, 1)
      case 9...13, 32: return (.space, 1)
      default: return (.other, 1)
      }
    }
    guard let (scalar, length) = text.scalar(at: place) else { return (.other, 1) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return (.letter, length)
    case .decimalNumber, .letterNumber, .otherNumber: return (.number, length)
    default: return (scalar.properties.isWhitespace ? .space : .other, length)
    }
  }
}
