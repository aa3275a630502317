internal import Diagnostics

/// The deepest nesting of a file, and of its canonical text.
let depthLimit = 32

extension Kind {
  /// The value that a node stands for; `depth` counts the levels of the canonical text around it.
  func decode(_ node: Node, path: String, depth: Int) throws(Failure) -> Setting {
    guard depth <= depthLimit else {
      throw misfit(at: node.location, path: path, "nested deeper than \(depthLimit) levels")
    }
    switch self {
    case .record(let record):
      return .section(
        try record.decode(node, at: node.location, path: path, depth: depth))
    case .oneRecord(let noun, let records):
      return .variant(
        try decodeVariant(node, of: noun, among: records(), path: path, depth: depth))
    case .list(let element, let count):
      return .list(try decodeList(node, of: element, count: count, path: path, depth: depth))
    case .map(let element):
      return .map(try decodeMap(node, of: element, path: path, depth: depth))
    case .oneOf(let forms):
      let signs: [(Kind) -> Bool] = [
        { $0.recognises(node) }, { $0.resembles(node) }, { $0.fits(node) },
        { $0.isNamed(by: node) },
      ]
      if let form = signs.lazy.compactMap({ forms.first(where: $0) }).first {
        return try form.decode(node, path: path, depth: depth)
      }
    case .integer, .number, .boolean, .text, .choice, .timespan:
      if let value = scalar(node) { return value }
    }
    throw mismatch(node, path)
  }

  private func mismatch(_ node: Node, _ path: String) -> Failure {
    misfit(
      at: node.location, path: path,
      "expected \(expectation), found \(node.found)\(advice(on: node))")
  }

  /// Whether a node has this form, as far as one can see without looking inside.
  private func fits(_ node: Node) -> Bool {
    switch (self, node.content) {
    case (.choice, .scalar(_, isPlain: false)): false
    case (.record, .map), (.oneRecord, .map), (.map, .map), (.list, .list): true
    case (.oneRecord(_, let records), .scalar(let text, _)): records().contains { $0.name == text }
    case (.oneOf(let forms), _): forms.contains { $0.fits(node) }
    default: scalar(node) != nil
    }
  }

  /// Whether a node has the form of a section with names that this one knows.
  private func recognises(_ node: Node) -> Bool {
    guard case .map(let entries) = node.content else { return false }
    return entries.contains { hasPart($0.key) }
  }

  /// Whether a node has the form of a section with misspelt names of this one.
  private func resembles(_ node: Node) -> Bool {
    guard case .map(let entries) = node.content else { return false }
    return entries.contains { Suggestion.nearest(to: $0.key, among: partNames) != nil }
  }

  /// Whether a node may be meant for the name of one of several records.
  private func isNamed(by node: Node) -> Bool {
    if case (.oneRecord, .scalar(_, isPlain: true)) = (self, node.content) {
      !node.isNothing
    } else {
      false
    }
  }

  /// The names of the settings in it, where they have names.
  private var partNames: [String] {
    switch self {
    case .record(let record): record.keys.map(\.name)
    case .oneRecord(_, let records): records().map(\.name)
    case .oneOf(let forms): forms.flatMap(\.partNames)
    case .list, .map, .integer, .number, .boolean, .text, .choice, .timespan: []
    }
  }

  /// Whether there is a setting of this name in it.
  func hasPart(_ name: String) -> Bool {
    switch self {
    case .record(let record): record.index(of: name) != nil
    case .oneRecord(_, let records): records().contains { $0.name == name }
    case .list: decimal(name) != nil
    case .map: true
    case .oneOf(let forms): forms.contains { $0.hasPart(name) }
    case .integer, .number, .boolean, .text, .choice, .timespan: false
    }
  }

  /// The value of a single word; nil if it is none of this kind.
  private func scalar(_ node: Node) -> Setting? {
    guard case .scalar(let text, let isPlain) = node.content, !node.isNull, !text.isEmpty
    else { return nil }
    switch self {
    case .text: return .text(text)
    case .choice(let words): return words.contains(text) ? .choice(text) : nil
    case .integer(let range) where isPlain:
      return decimal(text).flatMap { range.contains($0) ? .integer($0) : nil }
    case .number(let range) where isPlain:
      return fraction(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .boolean where isPlain: return ["true": .boolean(true), "false": .boolean(false)][text]
    case .timespan(let units) where isPlain:
      return Timespan(text, units: units).map { .timespan($0) }
    default: return nil
    }
  }

  /// What the writer probably meant, when it is easy to say.
  private func advice(on node: Node) -> String {
    guard case .scalar(let text, _) = node.content else { return "" }
    switch self {
    case .choice(let words):
      return Suggestion.nearest(to: text, among: words).map { " (did you mean '\($0)'?)" } ?? ""
    case .integer(let range):
      // The expectation leaves out the greatest integer there is.
      if range.upperBound == .max, let number = fraction(text), number >= 0x1p63 {
        return " (at most \(range.upperBound))"
      }
      guard decimal(text) == nil, let whole = fraction(text).flatMap(Int.init(exactly:)),
        range.contains(whole)
      else { return "" }
      return " (write \(whole))"
    default: return ""
    }
  }

  private func decodeVariant(
    _ node: Node, of noun: String, among records: [Record], path: String, depth: Int
  ) throws(Failure) -> Settings {
    let (name, body) = try variantParts(of: node, path: path)
    guard let record = records.first(where: { $0.name == name }) else {
      let hint = Configuration.hint(for: name, noun, among: records)
      throw misfit(
        at: node.location, path: "", "unknown \(noun) \(quoted(name))\(within(path))\(hint)")
    }
    return try record.decode(
      body, at: node.location, path: joined(path, name), depth: depth + 1)
  }

  /// The name and the settings of `name`, `name: value` or `name: {...}`.
  func variantParts(
    of node: Node, path: String
  ) throws(Failure) -> (name: String, body: Node?) {
    switch node.content {
    case .scalar(let name, _) where !node.isNothing: return (name, nil)
    case .map(let entries) where entries.count == 1: return (entries[0].key, entries[0].value)
    case .map(let entries) where entries.count > 1:
      throw misfit(
        at: node.location, path: path,
        "expected \(expectation) with its settings indented below it, found \(node.found)")
    default: throw mismatch(node, path)
    }
  }

  private func decodeList(
    _ node: Node, of element: Kind, count: ClosedRange<Int>, path: String, depth: Int
  ) throws(Failure) -> [Setting] {
    guard case .list(let nodes) = node.content else { throw mismatch(node, path) }
    guard count.contains(nodes.count) else {
      let wanted =
        count.lowerBound == count.upperBound
        ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
      throw misfit(
        at: node.location, path: path, "expected \(wanted) elements, found \(nodes.count)")
    }
    var values: [Setting] = []
    for (i, node) in nodes.enumerated() {
      values.append(try element.decode(node, path: joined(path, "\(i)"), depth: depth + 1))
    }
    return values
  }

  private func decodeMap(
    _ node: Node, of element: Kind, path: String, depth: Int
  ) throws(Failure) -> [Setting.Entry] {
    guard case .map(let nodes) = node.content else { throw mismatch(node, path) }
    var entries: [Setting.Entry] = []
    for entry in nodes {
      let value = try element.decode(
        entry.value, path: joined(path, entry.key), depth: depth + 1)
      entries.append(Setting.Entry(name: entry.key, value: value))
    }
    return entries
  }
}

/// The text ` (did you mean 'x'?)` for an unknown layer, loss, ..., or where the many are listed.
func hint(for name: String, _ noun: String, among records: [Record]) -> String {
  let hint = Suggestion.hint(for: name, among: records.map(\.name), orElsewhere: true)
  return hint.isEmpty ? " (nn-dist reference \(noun) lists them)" : hint
}

extension Record {
  /// The section that a node stands for, with every default filled in.
  func decode(
    _ node: Node?, at location: SourceLocation, path: String, depth: Int
  ) throws(Failure) -> Settings {
    let written = try entries(of: node, path: path)
    for entry in written where index(of: entry.key) == nil {
      throw misfit(
        at: entry.location, path: "",
        "unknown key \(quoted(entry.key))\(within(path))\(hint(for: entry.key))")
    }
    var settings: [Settings.Entry?] = []
    let names = Set(written.map(\.key))
    for key in keys {
      let node = written.first { $0.key == key.name }?.value
      settings.append(
        try key.decode(node, at: location, path: path, depth: depth + 1, among: names))
    }
    return Settings(record: self, location: location, path: path, entries: settings)
  }

  /// The entries of a section; a bare value belongs to the main key.
  func entries(of node: Node?, path: String) throws(Failure) -> [Node.Entry] {
    guard let node, !node.isNothing else { return [] }
    if case .map(let entries) = node.content { return entries }
    guard let main else {
      let wanted = keys.isEmpty ? "no settings" : "{\(keys[0].name): ...}"
      throw misfit(at: node.location, path: path, "expected \(wanted), found \(node.found)")
    }
    return [Node.Entry(key: main, location: node.location, value: node)]
  }
}

extension Key {
  /// The setting of a node, or the default; `written` are the keys that the section does give.
  func decode(
    _ node: Node?, at location: SourceLocation, path: String, depth: Int,
    among written: Set<String>
  ) throws(Failure) -> Settings.Entry? {
    if let node {
      if case .absent = `default`, node.isNull { return nil }
      return Settings.Entry(
        value: try kind.decode(node, path: joined(path, name), depth: depth),
        location: node.location)
    }
    switch `default` {
    case .requiredWithout(let others) where others.contains(where: written.contains): return nil
    case .required, .requiredWithout:
      throw misfit(
        at: location, path: "", "missing key '\(name)'\(within(path)): expected \(kind.expectation)"
      )
    case .absent: return nil
    case .yaml(let text):
      let node = try defaultNode(text, at: location)
      return Settings.Entry(
        value: try kind.decode(node, path: joined(path, name), depth: depth), location: location)
    }
  }

  /// The node of a default's text, placed where the section stands.
  func defaultNode(_ text: String, at location: SourceLocation) throws(Failure) -> Node {
    try YAMLParser.parse(Array(text.utf8)) { _, _ in location }
  }
}
