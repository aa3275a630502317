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
      try RunComparison(arguments.operand, arguments.secondOperand)
    }
    var differs = comparison?.difference == nil ? [0] as [UInt8] : [1]
    if let comparison {
      if arguments.answersInJSON {
        console.print(comparison.description.json.description)
      } else {
        for line in comparison.description.lines { console.print(line) }
      }
    }
    differs = try communicator.broadcast(differs)
    return differs == [1] ? .disagreement : .done
  }
}
