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
    if arguments.checksThroughTime {
      let check = try communicator.together { () throws(Failure) in
        try TimeCheck(
          experiment, everyElement: arguments.checksEveryElement, steps: arguments.steps,
          workers: communicator.cores)
      }
      return try report(
        check.states.map { ($0.name, $0.differences.verdict) }, check.json,
        check.steps.lines + [""] + check.table.lines, communicator, console)
    }
    let check = try communicator.together { () throws(Failure) in
      try GradientChecker.check(
        experiment, everyElement: arguments.checksEveryElement, steps: arguments.steps,
        workers: communicator.cores)
    }
    return try report(
      check.rows.map { ($0.parameter, $0.verdict) }, check.json, check.table.lines, communicator,
      console)
  }

  private func report(
    _ verdicts: [(name: String, verdict: GradientCheck.Verdict)], _ json: JSONValue,
    _ lines: [String], _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> ExitCode {
    /// The names with a verdict, or nil if there are none.
    func names(_ verdict: GradientCheck.Verdict) -> String? {
      let names = verdicts.filter { $0.verdict == verdict }.map(\.name)
      return names.isEmpty ? nil : names.joined(separator: ", ")
    }
    if arguments.printsJSON {
      console.print(json.description)
    } else {
      for line in lines { console.print(line) }
      if let hidden = names(.undecidable) {
        console.print("undecidable because of rounding or kinks of the loss: \(hidden)")
      }
    }
    try communicator.together { () throws(Failure) in
      if let failing = names(.wrong) {
        throw Failure(.internalError, "gradients disagree: \(failing)")
      }
    }
    return .done
  }
}
