extension Settings {
  /// The canonical text: every default written out, keys in schema order, numbers that round-trip.
  ///
  /// Without `includingAll` it holds only the keys that change what is trained or for how long: the
  /// identity of a run, for checkpoints and hashes. Reading either text gives equal settings for
  /// the keys that it holds.
  package func yaml(includingAll: Bool) -> String {
    written(includingAll).map { "\($0.key):\(block($0.value, indent: 0, includingAll))\n" }
      .joined()
  }

  /// The keys to write, in schema order.
  func written(_ includingAll: Bool) -> [(key: String, value: Setting)] {
    zip(record.keys, entries).compactMap { key, entry in
      entry.flatMap { includingAll || key.effect != .nothing ? (key.name, $0.value) : nil }
    }
  }
}

/// The width of a value that still stands beside its key.
private let lineLimit = 80

/// A value after `key:`: on the same line if it fits, else on indented lines of its own.
private func block(_ value: Setting, indent: Int, _ includingAll: Bool) -> String {
  let line = flow(value, includingAll)
  if indent + line.utf8.count <= lineLimit { return " " + line }
  let margin = "\n" + String(repeating: " ", count: indent + 2)
  switch value {
  case .section(let settings):
    return settings.written(includingAll).map {
      "\(margin)\($0.key):\(block($0.value, indent: indent + 2, includingAll))"
    }.joined()
  case .variant(let settings):
    let body = block(.section(settings), indent: indent + 2, includingAll)
    return "\(margin)\(settings.name):\(body)"
  case .list(let values):
    return values.map { "\(margin)-\(element($0, indent: indent + 2, includingAll))" }.joined()
  case .map(let entries):
    return entries.map {
      "\(margin)\(doubleQuoted($0.name)):\(block($0.value, indent: indent + 2, includingAll))"
    }.joined()
  case .integer, .number, .boolean, .text, .choice, .timespan: return " " + line
  }
}

/// A value after `-`; a layer stands there as `conv: {...}`, without braces of its own.
private func element(_ value: Setting, indent: Int, _ includingAll: Bool) -> String {
  guard case .variant(let settings) = value, !settings.written(includingAll).isEmpty else {
    return block(value, indent: indent, includingAll)
  }
  return " \(settings.name):\(block(.section(settings), indent: indent + 2, includingAll))"
}

/// A value on one line.
func flow(_ value: Setting, _ includingAll: Bool = true) -> String {
  switch value {
  case .integer(let value): return String(value)
  case .number(let value): return shortest(value)
  case .boolean(let value): return String(value)
  case .text(let value): return doubleQuoted(value)
  case .choice(let value): return value
  case .timespan(let value): return value.description
  case .section(let settings):
    let parts = settings.written(includingAll).map { "\($0.key): \(flow($0.value, includingAll))" }
    return "{\(parts.joined(separator: ", "))}"
  case .variant(let settings):
    let body = flow(.section(settings), includingAll)
    return body == "{}" ? settings.name : "{\(settings.name): \(body)}"
  case .list(let values):
    return "[\(values.map { flow($0, includingAll) }.joined(separator: ", "))]"
  case .map(let entries):
    let parts = entries.map { "\(doubleQuoted($0.name)): \(flow($0.value, includingAll))" }
    return "{\(parts.joined(separator: ", "))}"
  }
}

extension Setting {
  /// A layer or another variant as people write it on one line: without keys that have their
  /// default, and in its short form where it has one.
  package var brief: String {
    switch self {
    case .list(let values): return "[\(values.map(\.brief).joined(separator: ", "))]"
    case .variant(let settings):
      let parts = settings.chosen
      guard !parts.isEmpty else { return settings.name }
      if parts.count == 1, parts[0].key == settings.record.main {
        return "{\(settings.name): \(parts[0].value.brief)}"
      }
      return "{\(settings.name): \(Setting.section(settings).brief)}"
    case .section(let settings):
      let parts = settings.chosen.map { "\($0.key): \($0.value.brief)" }
      return "{\(parts.joined(separator: ", "))}"
    default: return flow(self)
    }
  }
}

extension Settings {
  /// The keys that have not their default.
  fileprivate var chosen: [(key: String, value: Setting)] {
    zip(record.keys, entries).compactMap { key, entry in
      guard let value = entry?.value else { return nil }
      if case .yaml(let text) = key.default,
        text == flow(value) || Key.Default.value(value).text == text
      {
        return nil
      }
      return (key.name, value)
    }
  }
}

extension Key.Default {
  fileprivate var text: String? { if case .yaml(let text) = self { text } else { nil } }
}

/// A text in double quotes, whatever it holds.
package func doubleQuoted(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": quoted += "\\\(scalar)"
    case " "..."~": quoted.unicodeScalars.append(scalar)
    default:
      let digits = String(scalar.value, radix: 16)
      quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }
  }
  return quoted + "\""
}
