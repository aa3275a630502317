internal import Diagnostics

/// A piece of YAML before it has a type.
struct Node {
  var content: Content
  let location: SourceLocation

  indirect enum Content {
    /// A word; only a plain one, without quotes, can be anything but text.
    case scalar(String, isPlain: Bool)
    case list([Node])
    case map([Entry])
  }

  struct Entry {
    let key: String
    let location: SourceLocation
    var value: Node
  }

  /// Nothing was written where a value could stand.
  var isEmpty: Bool {
    if case .scalar("", isPlain: true) = content { true } else { false }
  }

  /// `null` or `~`.
  var isNull: Bool {
    switch content {
    case .scalar("null", isPlain: true), .scalar("~", isPlain: true): true
    default: false
    }
  }

  /// Empty or null: in the place of a section it stands for one without entries.
  var isNothing: Bool { isEmpty || isNull }

  /// What was found, for a message: `'ten'`, `a list`, `nothing`.
  var found: String {
    switch content {
    case .scalar(let text, let isPlain):
      isEmpty ? "nothing" : isPlain ? quoted(text) : "the quoted text \(quoted(text))"
    case .list: "a list"
    case .map(let entries):
      "the settings {\(entries.prefix(3).map { $0.key }.joined(separator: ", "))"
        + (entries.count > 3 ? ", ...}" : "}")
    }
  }
}
