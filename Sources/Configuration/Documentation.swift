/// The reference of a configuration, in Markdown: one table for every record that can occur.
package func documentation(of record: Record) -> String {
  var reference = Reference()
  reference.text = """
    A change of a setting changes the `result` of training, only its `length`, or `nothing` that is
    computed. A run that is resumed keeps every setting that changes the result.


    """
  reference.add(record, title: record.name, level: 2, effect: .result)
  return reference.text
}

private struct Reference {
  var text = ""
  private var described: Set<String> = []

  /// The record's own table, then those of the records inside it.
  mutating func add(_ record: Record, title: String, level: Int, effect: Key.Effect) {
    text += "\(String(repeating: "#", count: min(level, 6))) \(title)\n\n\(record.help)\n\n"
    if let main = record.main {
      text += "Short form: `\(record.name): value` sets `\(main)`.\n\n"
    }
    if !record.keys.isEmpty {
      text += "| key | value | default | changes | meaning |\n|---|---|---|---|---|\n"
      for key in record.keys {
        text += "| `\(key.name)` | \(key.kind.expectation) | \(key.default.description)"
        text += " | \(key.effect(inside: effect)) | \(key.help) |\n"
      }
      text += "\n"
    }
    for key in record.keys {
      add(key.kind, title: key.name, level: level + 1, effect: key.effect(inside: effect))
    }
  }

  private mutating func add(_ kind: Kind, title: String, level: Int, effect: Key.Effect) {
    switch kind {
    case .record(let record): add(record, title: title, level: level, effect: effect)
    case .oneRecord(let noun, let records):
      guard described.insert(noun).inserted else { return }
      for record in records() {
        add(record, title: "\(noun) \(record.name)", level: level, effect: effect)
      }
    case .list(let element, _): add(element, title: title, level: level, effect: effect)
    case .oneOf(let forms):
      for form in forms { add(form, title: title, level: level, effect: effect) }
    case .integer, .number, .boolean, .text, .choice, .timespan: break
    }
  }
}

extension Key {
  /// A section that changes less than the result limits what its keys can change.
  fileprivate func effect(inside outer: Effect) -> Effect { outer == .result ? effect : outer }
}

extension Key.Default {
  fileprivate var description: String {
    switch self {
    case .required: "required"
    case .requiredWithout(let other): "required without `\(other)`"
    case .absent: "none"
    case .yaml(let text): "`\(text)`"
    }
  }
}
