internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import GradientChecks
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
    if arguments.printsJSON {
      console.print(check.json.description)
    } else {
      for line in check.table.lines { console.print(line) }
      if let hidden = parameters(.undecidable, in: check) {
        console.print("undecidable because of rounding or kinks of the loss: \(hidden)")
      }
    }
    try communicator.together { () throws(Failure) in
      if let failing = parameters(.wrong, in: check) {
        throw Failure(.internalError, "gradients disagree: \(failing)")
      }
    }
    return .done
  }

  /// Returns the names of the parameters with a verdict, or nil if there is none.
  private func parameters(
    _ verdict: GradientCheck.Verdict, in check: GradientCheck
  ) -> String? {
    let names = check.rows.filter { $0.verdict == verdict }.map(\.parameter)
    return names.isEmpty ? nil : names.joined(separator: ", ")
  }
}
