internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Execution
internal import Files
internal import Glibc
internal import HDF5Files
internal import Processes
internal import Reports

/// What ranks must have in common, and what `--version` says.
let version = "0.1.0"

/// The command line: joins the group, reads the words, runs the command, leaves with its status.
@main struct NNDist {
  static func main() {
    ReaderProcess.serveIfAsked(CommandLine.arguments)
    // A reader of our output that has gone away is no reason to lose a run.
    signal(SIGPIPE, SIG_IGN)
    // A report of a crash takes a minute, in which other ranks wait; who wants one sets the variable.
    if unsafe getenv("SWIFT_BACKTRACE") == nil {
      for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] {
        signal(number, SIG_DFL)
      }
    }
    openStandardStreams()
    let launcher = Launcher { CommandLine.variable($0) }
    do throws(Failure) {
      try MemoryLimits.settle(startsMPI: launcher.startsMPI)
    } catch {
      printError(error.message)
      exit(error.code.rawValue)
    }
    Engine.prepareEnvironment()
    let invocation = Result<Invocation, Failure> { () throws(Failure) in
      try CommandLine.parse(CommandLine.words)
    }
    do throws(Failure) {
      // Only these have something to save, or to tidy up, before they end.
      if case .success(.run(let command, _)) = invocation, [.train, .verify].contains(command) {
        try StopRequest.install()
      }
      // Once MPI runs, no process should be started. Without it, the first HDF5 file starts the reader.
      if launcher.startsMPI, invocation.readsFiles { try ReaderProcess.start() }
      let timeout = Duration.seconds(invocation.timeout ?? 60)
      try FileWatch.start(timeout, rank: launcher.startsMPI ? launcher.task : nil)
      // Under a launcher a rank that leaves before joining would hang the others.
      let communicator = try Communicator.start(timeout: timeout)
      let console = communicator.rank == 0 ? Console.standardOutput : Console.silent
      do throws(Failure) {
        let code = try run(invocation, communicator, console)
        try communicator.finish()
        endProcess(code)
      } catch {
        console.clearStatus()
        communicator.leave(after: error)
      }
    } catch {
      printError(error.message)
      endProcess(error.code)
    }
  }

  /// Otherwise a stream that was closed would become a file of the run, and text would end in it.
  private static func openStandardStreams() {
    var descriptor: Int32
    repeat { descriptor = unsafe open("/dev/null", O_RDWR) } while 0...STDERR_FILENO ~= descriptor
    close(descriptor)
  }

  private static func run(
    _ invocation: Result<Invocation, Failure>, _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> ExitCode {
    var code = ExitCode.done
    try compareProcesses(communicator)
    switch try communicator.together({ () throws(Failure) in try invocation.get() }) {
    case .help(let text):
      console.print(text: text)
    case .version:
      console.print("nn-dist \(version)")
    case .run(let command, let arguments):
      code = try run(command, arguments, communicator, console)
    }
    // A full disk behind the output is worth a failure, but not one that hides an early stop.
    if code == .done {
      try communicator.together { () throws(Failure) in
        if let failure = console.failure { throw failure }
      }
    }
    return code
  }

  /// Refuses ranks that run another program, or on hosts that are set up otherwise.
  private static func compareProcesses(_ communicator: Communicator) throws(Failure) {
    guard communicator.size > 1 else { return }
    let program = try communicator.together { () throws(Failure) in
      try SHA256.of(file: "/proc/self/exe")
    }
    try communicator.handshake(
      [("version", version), ("program", String(program.prefix(12)))],
      remedy: "all ranks need the same program: install one build on all hosts")
    try communicator.handshake(
      Engine.instructionVariables.map { name, value in
        ("variable \(name)", value.isEmpty ? "none" : value)
      },
      remedy: "unset it on all hosts, and set isa in the configuration to what all of them have")
  }

  private static func run(
    _ command: Command, _ arguments: Arguments, _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> ExitCode {
    switch command {
    case .train: try TrainCommand(arguments: arguments).run(communicator, console)
    case .evaluate: try EvaluateCommand(arguments: arguments).run(communicator, console)
    case .predict: try PredictCommand(arguments: arguments).run(communicator, console)
    case .sample: try SampleCommand(arguments: arguments).run(communicator, console)
    case .inspect: try InspectCommand(arguments: arguments).run(communicator, console)
    case .export: try ExportCommand(arguments: arguments).run(communicator, console)
    case .doctor: try DoctorCommand(arguments: arguments).run(communicator, console)
    case .summary: try SummaryCommand(arguments: arguments).run(communicator, console)
    case .gradcheck: try GradientCheckCommand(arguments: arguments).run(communicator, console)
    case .explain: try ExplainCommand(arguments: arguments).run(communicator, console)
    case .dataBuild, .dataFetch, .dataList:
      try DataCommand(command: command, arguments: arguments).run(communicator, console)
    case .reference: try ReferenceCommand(arguments: arguments).run(communicator, console)
    case .bench: try BenchCommand(arguments: arguments).run(communicator, console)
    case .verify: try VerifyCommand(arguments: arguments).run(communicator, console)
    case .diff: try DiffCommand(arguments: arguments).run(communicator, console)
    case .benchComm: try BenchCommCommand(arguments: arguments).run(communicator, console)
    }
  }
}

extension Result<Invocation, Failure> {
  /// Whether the command may read an HDF5 file.
  fileprivate var readsFiles: Bool {
    guard case .success(.run(let command, _)) = self else { return false }
    return ![.doctor, .benchComm, .reference].contains(command)
  }

  /// The seconds that ranks wait for each other, if it says so.
  fileprivate var timeout: Int? {
    if case .success(.run(_, let arguments)) = self { arguments.timeout } else { nil }
  }
}
