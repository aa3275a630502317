internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Glibc
internal import Reports

/// What ranks must have in common, and what `--version` says.
let version = "0.1.0"

/// The command line: joins the group, reads the words, runs the command, leaves with its status.
@main struct NNDist {
  static func main() {
    // A reader of our output that has gone away is no reason to lose a run.
    signal(SIGPIPE, SIG_IGN)
    do throws(Failure) {
      try StopRequest.install()
      // Under a launcher a rank that leaves before joining would hang the others.
      let communicator = try Communicator.start()
      let console = communicator.rank == 0 ? Console.standardOutput : Console.silent
      do throws(Failure) {
        let code = try run(communicator, console)
        try communicator.together { () throws(Failure) in
          if let failure = console.failure { throw failure }
        }
        try communicator.finish()
        exit(code.rawValue)
      } catch {
        console.clearStatus()
        communicator.leave(after: error)
      }
    } catch {
      Console.standardError.print(error.message)
      exit(error.code.rawValue)
    }
  }

  private static func run(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> ExitCode {
    let invocation = try communicator.together { () throws(Failure) in
      try CommandLine.parse(Array(CommandLine.arguments.dropFirst()))
    }
    switch invocation {
    case .help(let text):
      console.print(text)
    case .version:
      console.print("nn-dist \(version)")
    case .run(let command, let arguments):
      return try run(command, arguments, communicator, console)
    }
    return .done
  }

  private static func run(
    _ command: Command, _ arguments: Arguments, _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> ExitCode {
    switch command {
    case .train: try TrainCommand(arguments: arguments).run(communicator, console)
    case .evaluate: try EvaluateCommand(arguments: arguments).run(communicator, console)
    case .summary: try SummaryCommand(arguments: arguments).run(communicator, console)
    case .gradcheck: try GradientCheckCommand(arguments: arguments).run(communicator, console)
    case .bench: try BenchCommand(arguments: arguments).run(communicator, console)
    }
  }
}
