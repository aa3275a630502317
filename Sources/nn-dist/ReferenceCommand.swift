internal import Configuration
internal import Diagnostics
internal import Reports
internal import Training

/// The command `nn-dist reference`, whose output is `docs/configuration.md`.
struct ReferenceCommand {
  func run(_ console: Console) -> ExitCode {
    console.print("# The keys of a configuration\n")
    console.print("Made by `nn-dist reference`; `make reference` writes this page anew.\n")
    console.print(documentation(of: RunConfiguration.record).trimmed)
    return .done
  }
}

extension String {
  /// Without empty lines at the end.
  fileprivate var trimmed: String { String(reversed().drop(while: \.isNewline).reversed()) }
}
