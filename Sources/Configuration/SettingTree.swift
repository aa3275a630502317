package import Diagnostics

/// The settings of a text as they are written, without a schema: to be compared with others.
package indirect enum SettingTree: Equatable, Sendable {
  case text(String)
  case list([SettingTree])
  case map([Entry])

  package struct Entry: Equatable, Sendable {
    package let key: String
    package let value: SettingTree
  }

  /// The settings of a YAML text.
  package init(reading text: String, source: String) throws(Failure) {
    self.init(
      try YAMLParser.parse(Array(text.utf8)) {
        SourceLocation(source: source, line: $0, column: $1)
      })
  }

  private init(_ node: Node) {
    self =
      switch node.content {
      case .scalar(let text, _): .text(text)
      case .list(let nodes): .list(nodes.map { SettingTree($0) })
      case .map(let entries):
        .map(entries.map { Entry(key: $0.key, value: SettingTree($0.value)) })
      }
  }

  package subscript(key: String) -> SettingTree? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The settings on one line: `{adam: {learning_rate: 0.01}}`.
  package var line: String {
    switch self {
    case .text(let text): text
    case .list(let elements): "[\(elements.map(\.line).joined(separator: ", "))]"
    case .map(let entries):
      "{\(entries.map { "\($0.key): \($0.value.line)" }.joined(separator: ", "))}"
    }
  }
}
