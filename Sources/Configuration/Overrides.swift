internal import Diagnostics

/// One `--set key.path=value`, applied to the nodes of a file before they are checked.
struct Override {
  private let path: [String]
  private let value: Node
  private let location: SourceLocation

  init(_ option: String) throws(Failure) {
    guard let equals = option.firstIndex(of: "="), equals > option.startIndex else {
      throw Failure(.usage, "--set \(option): expected KEY=VALUE")
    }
    let key = String(option[..<equals])
    let location = SourceLocation(source: overrideSource(key))
    self.location = location
    path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    value = try YAMLParser.parse(Array(option[option.index(after: equals)...].utf8)) { _, _ in
      location
    }
  }

  func apply(to root: Node, _ schema: Record) throws(Failure) -> Node {
    try set(path[...], in: root, .record(schema))
  }

  /// The node with the value put in its place; short forms on the way are written out.
  private func set(
    _ rest: ArraySlice<String>, in node: Node?, _ kind: Kind
  ) throws(Failure) -> Node {
    guard let step = rest.first else { return value }
    let node = node.flatMap { $0.isNothing ? nil : $0 }
    switch kind {
    case .record(let record):
      return try set(rest, in: node, record)
    case .oneRecord(let noun, let records):
      let current = try node.map { node throws(Failure) in
        try kind.variantParts(of: node, path: before(rest))
      }
      guard let record = records().first(where: { $0.name == step }) else {
        throw unknown(noun, step, rest, hint: hint(step, noun, current?.name, records(), rest))
      }
      if let current, current.name != step {
        throw Failure(
          .usage, at: location,
          "\(before(rest)) is '\(current.name)', not '\(step)': to change it, use"
            + " --set \(before(rest))=\(step)")
      }
      let body = try set(rest.dropFirst(), in: current?.body, .record(record))
      return map([Node.Entry(key: step, location: node?.location ?? location, value: body)], node)
    case .list(let element, _):
      guard case .list(var elements) = node?.content, let index = decimal(step),
        elements.indices.contains(index)
      else {
        var count = 0
        if case .list(let elements) = node?.content { count = elements.count }
        throw Failure(
          .usage, at: location,
          "'\(step)' is no element of \(before(rest)), which has \(count), counted from 0")
      }
      elements[index] = try set(rest.dropFirst(), in: elements[index], element)
      return Node(content: .list(elements), location: node?.location ?? location)
    case .map(let element):
      var entries: [Node.Entry] = []
      if case .map(let written) = node?.content { entries = written }
      let place = entries.firstIndex { $0.key == step }
      let value = try set(rest.dropFirst(), in: place.map { entries[$0].value }, element)
      if let place {
        entries[place].value = value
      } else {
        entries.append(Node.Entry(key: step, location: location, value: value))
      }
      return map(entries, node)
    case .oneOf(let forms):
      let sections = forms.filter(\.hasParts)
      guard let form = sections.first(where: { $0.hasPart(step) }) ?? sections.first
      else { throw noParts(kind, rest) }
      return try set(rest, in: node, form)
    case .integer, .number, .boolean, .text, .choice, .timespan:
      throw noParts(kind, rest)
    }
  }

  private func set(
    _ rest: ArraySlice<String>, in node: Node?, _ record: Record
  ) throws(Failure) -> Node {
    guard let step = rest.first else { return value }
    guard let key = record.keys.first(where: { $0.name == step }) else {
      throw unknown("key", step, rest, hint: record.hint(for: step))
    }
    var entries = try record.entries(of: node, path: before(rest))
    if let i = entries.firstIndex(where: { $0.key == step }) {
      entries[i].value = try set(rest.dropFirst(), in: entries[i].value, key.kind)
    } else {
      var start: Node?
      if case .yaml(let text) = key.default { start = try key.defaultNode(text, at: location) }
      let value = try set(rest.dropFirst(), in: start, key.kind)
      entries.append(Node.Entry(key: step, location: location, value: value))
    }
    return map(entries, node)
  }

  private func map(_ entries: [Node.Entry], _ node: Node?) -> Node {
    Node(content: .map(entries), location: node?.location ?? location)
  }

  /// The path up to a step.
  private func before(_ rest: ArraySlice<String>) -> String {
    path[..<rest.startIndex].joined(separator: ".")
  }

  private func unknown(
    _ what: String, _ step: String, _ rest: ArraySlice<String>, hint: String
  ) -> Failure {
    Failure(
      .usage, at: location, "unknown \(what) \(quoted(step))\(within(before(rest)))\(hint)")
  }

  /// Names the whole path when only the variant's name was left out.
  private func hint(
    _ step: String, _ noun: String, _ current: String?, _ records: [Record],
    _ rest: ArraySlice<String>
  ) -> String {
    if let current, let record = records.first(where: { $0.name == current }),
      record.index(of: step) != nil
    {
      return " (did you mean '\(before(rest)).\(current).\(rest.joined(separator: "."))'?)"
    }
    return Configuration.hint(for: step, noun, among: records)
  }

  private func noParts(_ kind: Kind, _ rest: ArraySlice<String>) -> Failure {
    Failure(
      .usage, at: location,
      "\(before(rest)) is \(kind.expectation): it has no '\(rest[rest.startIndex])'")
  }
}

extension Kind {
  fileprivate var hasParts: Bool {
    switch self {
    case .record, .oneRecord, .list, .map: true
    case .oneOf(let forms): forms.contains(where: \.hasParts)
    case .integer, .number, .boolean, .text, .choice, .timespan: false
    }
  }
}
