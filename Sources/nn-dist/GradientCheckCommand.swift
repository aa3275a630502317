internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Reports
internal import Training

/// The command `nn-dist gradcheck CONFIG`.
struct GradientCheckCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let experiment = try communicator.experiment(arguments, console)
    let check = try communicator.together { () throws(Failure) in
      try GradientChecker.check(
        experiment, everyElement: arguments.checksEveryElement, workers: communicator.cores)
    }
    if arguments.answersInJSON {
      console.print(check.json.description)
    } else {
      for line in check.table.lines { console.print(line) }
    }
    try communicator.together { () throws(Failure) in
      guard check.passes else {
        let failing = check.rows.filter { !$0.passes }.map(\.parameter).joined(separator: ", ")
        throw Failure(.internalError, "gradients disagree: \(failing)")
      }
    }
    return .done
  }
}
