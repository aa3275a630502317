import CommandLineOptions
import Diagnostics

/// Commands with their operands and options, and the statuses that they leave with.
enum CommandInterface {
  static var lines: Set<InterfaceLine> {
    var lines: Set<InterfaceLine> = []
    for command in Command.allCases {
      lines.insert(
        InterfaceLine("\(command)", command.syntax.operands.map(\.name).joined(separator: " ")))
      for option in command.syntax.options {
        let value = String(option.form.dropFirst(option.name.count)).drop { $0 == " " }
        let facts = [
          value.isEmpty ? "no value" : String(value), option.isRepeatable ? "may be repeated" : nil,
          option.variable,
        ]
        lines.insert(
          InterfaceLine(
            "\(command) \(option.name)", facts.compactMap(\.self).joined(separator: "; ")))
      }
    }
    for code in ExitCode.allCases {
      lines.insert(InterfaceLine("exit code \(code.rawValue)", "\(code)"))
    }
    return lines
  }
}
