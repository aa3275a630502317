extension CommandLine {
  /// The overview of all commands.
  static var helpText: String {
    page(
      """
      nn-dist trains neural networks on one machine or across a cluster.

      usage: nn-dist COMMAND ...
      """,
      ("commands", Command.allCases.map { ($0.rawValue, $0.syntax.purpose) }),
      (
        "options",
        [
          ("help COMMAND", "explain a command"), ("--help, -h", "show this text"),
          ("--version", "show the version"),
        ]
      ),
      examples: [
        "nn-dist train configs/conv.yaml",
        "mpirun -np 4 nn-dist train configs/conv.yaml",
      ])
  }

  fileprivate static func page(
    _ head: String, _ sections: (title: String, entries: [(String, String)])...,
    examples: [String]
  ) -> String {
    let width = sections.flatMap(\.entries).map(\.0.count).max() ?? 0
    let parts = sections.filter { !$0.entries.isEmpty }.map { title, entries in
      entries.reduce(title + ":") { text, entry in
        let space = String(repeating: " ", count: width - entry.0.count)
        return "\(text)\n  \(entry.0)\(space)  \(entry.1)"
      }
    }
    let last = (["examples:"] + examples.map { "  \($0)" }).joined(separator: "\n")
    return ([head] + parts + [last]).joined(separator: "\n\n")
  }
}

extension Command {
  /// The help of the command.
  var helpText: String {
    let options = syntax.options.map { option in
      (option.form, option.help + (option.variable.map { " (or \($0))" } ?? ""))
    }
    return CommandLine.page(
      """
      nn-dist \(self): \(syntax.purpose)

      usage: nn-dist \(self)\(syntax.operands.map { " \($0.name)" }.joined()) [options]
      """,
      ("operand", syntax.operands.prefix(1).map { ($0.name, $0.help) }),
      ("options", options + [("--help, -h", "show this text")]),
      examples: syntax.examples)
  }
}
