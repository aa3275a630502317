/// What the name of a metric in a file tells.
extension Metric {
  /// Whether greater values are better; false for the loss and for unknown names.
  package static func isBetterWhenGreater(_ name: String) -> Bool {
    of(name)?.isBetterWhenGreater ?? false
  }

  /// How its values are shown; as numbers for the loss and for unknown names.
  package static func form(of name: String) -> Form { of(name)?.form ?? .number }

  /// The first part of a name is that of an output.
  private static func of(_ name: String) -> Metric? {
    Metric(name.split(separator: "/").last.map(String.init) ?? name)
  }
}
