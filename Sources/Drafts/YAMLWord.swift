internal import Configuration

/// A text as YAML: in quotes unless it is a plain name.
func yaml(_ text: String) -> String {
  let isPlain =
    text.first.map { $0.isASCII && $0.isLetter } == true
    && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) }
    && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
  return isPlain ? text : doubleQuoted(text)
}

func yaml(_ texts: [String]) -> String { "[\(texts.map { yaml($0) }.joined(separator: ", "))]" }
