package import Diagnostics

/// The reference of a configuration, in Markdown: one table for every record that can occur.
package func documentation(of record: Record) -> String {
  """
  A change of a setting changes the `result` of training, only its `length`, or `nothing` that is
  computed. A run that is resumed keeps every setting that changes the result.


  """ + Reference(record).sections.map(\.text).joined()
}

/// The part of the reference about a name: a list of all layers, losses, ..., or one section.
package func documentation(of record: Record, part name: String) throws(Failure) -> String {
  let sections = Reference(record).sections
  let nouns = sections.compactMap(\.noun)
  let noun = nouns.first { [$0, "\($0)s", "\($0)es"].contains(name) }
  if let noun {
    let rows = sections.filter { $0.noun == noun }.map {
      "| `\($0.record.name)` | \($0.record.help) |"
    }
    return (["| \(noun) | meaning |", "|---|---|"] + rows).joined(separator: "\n")
  }
  guard let section = sections.first(where: { $0.record.name == name }) else {
    let known = nouns + sections.map(\.record.name)
    throw Failure(
      .usage, "there is no section \(quoted(name))\(Suggestion.hint(for: name, among: known))")
  }
  return section.text
}

private struct Reference {
  /// A record with what the file calls it.
  struct Section {
    let record: Record
    /// What it is one of: a layer, a loss.
    let noun: String?
    let text: String
  }

  private(set) var sections: [Section] = []
  private var described: Set<String> = []

  init(_ record: Record) { add(record, title: record.name, noun: nil, level: 2, effect: .result) }

  /// The record's own table, then those of the records inside it.
  private mutating func add(
    _ record: Record, title: String, noun: String?, level: Int, effect: Key.Effect
  ) {
    var text = "\(String(repeating: "#", count: min(level, 6))) \(title)\n\n\(record.help)\n\n"
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
    sections.append(Section(record: record, noun: noun, text: text))
    for key in record.keys {
      add(key.kind, title: key.name, level: level + 1, effect: key.effect(inside: effect))
    }
  }

  private mutating func add(_ kind: Kind, title: String, level: Int, effect: Key.Effect) {
    switch kind {
    case .record(let record): add(record, title: title, noun: nil, level: level, effect: effect)
    case .oneRecord(let noun, let records):
      guard described.insert(noun).inserted else { return }
      for record in records() {
        add(record, title: "\(noun) \(record.name)", noun: noun, level: level, effect: effect)
      }
    case .list(let element, _), .map(let element):
      add(element, title: title, level: level, effect: effect)
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
    case .requiredWithout(let others):
      "required without \(others.map { "`\($0)`" }.joined(separator: " or "))"
    case .absent: "none"
    case .yaml(let text): "`\(text)`"
    }
  }
}
