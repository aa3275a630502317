package import Diagnostics

extension CommandLine {
  /// The arguments of the process; unlike `arguments`, it keeps bytes that are not UTF-8.
  package static var words: [String] {
    let words = unsafe UnsafeBufferPointer(start: unsafeArgv, count: Int(argc))
    return unsafe words.dropFirst().compactMap { word in unsafe word.map { unsafe String(path: $0) }
    }
  }

  /// Parses the arguments after the name of the program.
  package static func parse(
    _ words: [String], environment: (String) -> String? = environmentVariable
  ) throws(Failure) -> Invocation {
    let known = Command.allCases.map(\.rawValue)
    guard let first = words.first else {
      throw Failure(.usage, "no command\(Suggestion.hint(for: "", among: known))")
    }
    let rest = words.dropFirst()
    switch first {
    case "--help", "-h": return .help(helpText)
    case "--version": return .version
    case "help":
      guard !rest.isEmpty else { return .help(helpText) }
      let (command, more) = try command(rest, among: known)
      guard more.isEmpty else { throw Failure(.usage, "help explains one command at a time") }
      return .help(command.helpText)
    case _ where isOption(first):
      let hint = Suggestion.hint(for: first, among: ["--help", "--version"])
      throw Failure(.usage, "unknown option \(quoted(first)) before the command\(hint)")
    default:
      let (command, rest) = try command(words[...], among: known + ["help"])
      if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
        return .help(command.helpText)
      }
      var parser = Parser(command)
      return .run(command, try parser.parse(rest, environment))
    }
  }

  /// Parses the command, whose name has one or two words, and returns the remaining words.
  private static func command(
    _ words: ArraySlice<String>, among known: [String]
  ) throws(Failure) -> (Command, rest: ArraySlice<String>) {
    for count in [2, 1] where words.count >= count {
      if let command = Command(rawValue: words.prefix(count).joined(separator: " ")) {
        return (command, words.dropFirst(count))
      }
    }
    let first = words.first ?? ""
    let isGroup = known.contains { $0.hasPrefix("\(first) ") }
    let typed = words.prefix(isGroup ? 2 : 1).filter { !isOption($0) }.joined(separator: " ")
    let candidates = isGroup ? known.filter { $0.hasPrefix("\(first) ") } : known
    let hint = Suggestion.hint(for: typed, among: candidates)
    throw Failure(.usage, "unknown command \(quoted(typed))\(hint)")
  }
}

/// Parses the arguments of a command.
private struct Parser {
  private let command: Command
  private let options: [Option]
  private var arguments = Arguments()
  /// The names of the options parsed so far.
  private var given: [String] = []

  init(_ command: Command) {
    self.command = command
    options = command.syntax.options
  }

  mutating func parse(
    _ words: ArraySlice<String>, _ environment: (String) -> String?
  ) throws(Failure) -> Arguments {
    var rest = words
    var optionsHaveEnded = false
    while let word = rest.popFirst() {
      if optionsHaveEnded || !isOption(word) {
        try take(operand: word)
      } else if word == "--" {
        optionsHaveEnded = true
      } else {
        try take(option: word, &rest)
      }
    }
    let operands = command.syntax.operands
    let count = arguments.operands.count
    if count < operands.count, !operands[count].isOptional {
      let (name, help) = (operands[count].name, operands[count].help)
      let more = count > 0 ? "another " : ""
      let form = operands.map(\.name).joined(separator: " ")
      throw Failure(.usage, "\(command) needs \(more)\(name), \(help): nn-dist \(command) \(form)")
    }
    for option in options where !given.contains(option.name) {
      guard let variable = option.variable, let text = environment(variable), !text.isEmpty
      else { continue }
      try option.store(text, in: &arguments, source: variable)
    }
    return arguments
  }

  private mutating func take(operand word: String) throws(Failure) {
    let operands = command.syntax.operands
    guard let operand = operands.dropFirst(arguments.operands.count).first ?? operands.last,
      arguments.operands.count < operands.count || operand.isRepeatable
    else {
      throw Failure(.usage, "unexpected argument \(quoted(word)) for \(command)\(hint(word))")
    }
    guard !word.isEmpty else {
      throw Failure(.usage, "\(operand.name) is empty")
    }
    arguments.operands.append(word)
  }

  private mutating func take(
    option word: String, _ rest: inout ArraySlice<String>
  ) throws(Failure) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.name == name }) else {
      if let other = command.syntax.moved[name] {
        throw Failure(.usage, "\(command) has no option '\(name)' any more: use \(other)")
      }
      throw Failure(.usage, "unknown option \(quoted(name)) for \(command)\(hint(option: name))")
    }
    guard option.isRepeatable || !given.contains(name) else {
      throw Failure(.usage, "option '\(name)' is given twice")
    }
    if let opposite = option.opposite, given.contains(opposite) {
      throw Failure(.usage, "options '\(opposite)' and '\(name)' exclude each other: choose one")
    }
    given.append(name)
    var value = parts.count == 2 ? String(parts[1]) : nil
    if value == nil, option.takesNextWord, let next = rest.first, !next.hasPrefix("--") {
      value = rest.popFirst()
    }
    try option.store(value, in: &arguments, source: "option '\(name)'")
  }

  /// Returns a suggestion for an unknown option: another option, or a setting.
  private func hint(option name: String) -> String {
    let names = options.map(\.name) + ["--help"]
    if Suggestion.nearest(to: name, among: names) == nil, names.contains(Option.set.name),
      let key = Suggestion.key(for: name)
    {
      return " (did you mean '\(Option.set.name) \(key)=VALUE'?)"
    }
    return Suggestion.hint(for: name, among: names)
  }

  /// Returns a suggestion for an unexpected argument: an option that takes it as its value.
  private func hint(_ word: String) -> String {
    let last = options.first { $0.name == given.last }
    if let last, case .resumption = last.value {
      return " (did you mean \(quoted("\(last.name)=\(word)"))?)"
    }
    guard word.contains("="), let set = options.first(where: \.isRepeatable) else { return "" }
    return " (did you mean \(quoted("\(set.name) \(word)"))?)"
  }
}

private func isOption(_ word: String) -> Bool { word.hasPrefix("-") && word != "-" }
