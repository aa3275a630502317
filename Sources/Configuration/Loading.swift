package import Diagnostics

extension Settings {
  /// The settings of a file, changed by `--set` options (`key.path=value`) and checked.
  package init(file path: String, set overrides: [String] = [], schema: Record) throws(Failure) {
    try self.init(
      text: try readText(path), source: path, set: overrides, schema: schema)
  }

  /// The settings of a text; `source` names it in messages.
  ///
  /// A text that this program wrote may be longer than one that a person would.
  package init(
    text: String, source: String = "text", set overrides: [String] = [], sizeLimit: Int? = nil,
    schema: Record
  ) throws(Failure) {
    try self.init(
      text: Array(text.utf8), source: source, set: overrides, sizeLimit: sizeLimit, schema: schema)
  }

  private init(
    text: [UInt8], source: String, set overrides: [String], sizeLimit: Int? = nil, schema: Record
  ) throws(Failure) {
    let place: YAMLParser.Place = { SourceLocation(source: source, line: $0, column: $1) }
    var root = try YAMLParser.parse(text, limit: sizeLimit ?? YAMLParser.sizeLimit, at: place)
    guard case .map = root.content else {
      throw Failure(
        .badConfiguration, at: root.location,
        root.isEmpty
          ? "the file is empty: expected settings (key: value)"
          : "expected settings (key: value) at the top, found \(root.found)")
    }
    for override in overrides { root = try Override(override).apply(to: root, schema) }
    self = try schema.decode(root, at: place(1, 1), path: "", depth: 1)
  }
}
