internal import CommandLineOptions
internal import Communication
internal import Configuration
internal import Diagnostics
internal import Reports
internal import Training

/// The command `nn-dist reference [NAME]`; without a name its output is `docs/configuration.md`.
struct ReferenceCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    guard arguments.operand.isEmpty else {
      let text = try communicator.together { () throws(Failure) in
        try documentation(of: RunConfiguration.record, part: arguments.operand)
      }
      console.print(text: text.trimmed)
      return .done
    }
    console.print(
      text: """
        # The keys of a configuration

        Made by `nn-dist reference`; `make reference` writes this page anew.

        """)
    console.print(text: documentation(of: RunConfiguration.record).trimmed)
    return .done
  }
}

extension String {
  /// The text without trailing newlines.
  fileprivate var trimmed: String { String(reversed().drop(while: \.isNewline).reversed()) }
}
