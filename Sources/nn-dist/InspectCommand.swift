internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Inspections
internal import Reports

/// The command `nn-dist inspect FILE`.
struct InspectCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let description = try communicator.onFirstRank { () throws(Failure) in
      try inspect(arguments.operand, arguments.weightLayout, of: arguments.choice)
    }
    guard let description else { return .done }
    if arguments.answersInJSON {
      console.print(description.json.description)
    } else {
      for line in description.lines { console.print(line) }
    }
    return .done
  }
}
