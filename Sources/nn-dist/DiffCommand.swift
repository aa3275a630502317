internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Inspections
internal import Reports

/// The command `nn-dist diff RUN RUN`.
struct DiffCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let comparison = try communicator.onFirstRank { () throws(Failure) in
      try RunComparison(arguments.operand, arguments.operands[1])
    }
    if let comparison { console.print(comparison.report, asJSON: arguments.printsJSON) }
    let differs = try communicator.broadcast([comparison?.difference == nil ? 0 : 1])
    return differs == [1] ? .disagreement : .done
  }
}
