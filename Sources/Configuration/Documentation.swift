/// The reference of a configuration, in Markdown: one table for every record that can occur.
package func documentation(of record: Record) -> String {
  var reference = Reference()
  reference.add(record, level: 2)
  return reference.text
}

private struct Reference {
  private(set) var text = ""
  private var described: Set<String> = []

  /// The record's own table, then those of the records inside it.
  mutating func add(_ record: Record, level: Int) {
    text += "\(String(repeating: "#", count: level)) \(record.name)\n\n\(record.help)\n\n"
    if let main = record.main {
      text += "Short form: `\(record.name): value` sets `\(main)`.\n\n"
    }
    if !record.keys.isEmpty {
      text += "| key | value | default | changes | meaning |\n|---|---|---|---|---|\n"
      for key in record.keys {
        text += "| `\(key.name)` | \(key.kind.expectation) | \(key.default.description)"
        text += " | \(key.effect) | \(key.help) |\n"
      }
      text += "\n"
    }
    for key in record.keys { add(key.kind, level: level + 1) }
  }

  private mutating func add(_ kind: Kind, level: Int) {
    switch kind {
    case .record(let record): add(record, level: level)
    case .oneRecord(let noun, let records):
      guard described.insert(noun).inserted else { return }
      for record in records() { add(record, level: level) }
    case .list(let element, _): add(element, level: level)
    case .oneOf(let forms): for form in forms { add(form, level: level) }
    case .integer, .number, .boolean, .text, .choice, .timespan: break
    }
  }
}

extension Key.Default {
  fileprivate var description: String {
    switch self {
    case .required: "required"
    case .absent: "none"
    case .yaml(let text): "`\(text)`"
    }
  }
}
