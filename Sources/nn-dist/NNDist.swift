internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Execution
internal import Files
internal import Glibc
internal import HDF5Files
internal import Processes
internal import Reports

/// The version, which must be the same on all ranks.
let version = "0.1.0"

/// The program: joins the MPI group, parses the arguments, runs the command, exits with its code.
@main struct NNDist {
  static func main() {
    ReaderProcess.serveIfAsked(CommandLine.arguments)
    // A run must not end when the reader of its output does.
    signal(SIGPIPE, SIG_IGN)
    // A backtrace takes a minute in which other ranks wait, so it is off unless the variable is
    // set.
    if environmentVariable("SWIFT_BACKTRACE") == nil {
      for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] {
        signal(number, SIG_DFL)
      }
    }
    openStandardStreams()
    let launcher = Launcher()
    do throws(Failure) {
      try MemoryLimits.prepareProcess(startsMPI: launcher.startsMPI)
    } catch {
      printError(error.message)
      exit(error.code.rawValue)
    }
    Engine.prepareEnvironment()
    let invocation = Result<Invocation, Failure> { () throws(Failure) in
      try CommandLine.parse(CommandLine.words)
    }
    do throws(Failure) {
      // Only these commands save or clean up before they stop.
      if case .success(.run(let command, _)) = invocation,
        [.train, .crossval, .verify].contains(command)
      {
        try StopRequest.install()
      }
      // After MPI_Init_thread no process should be started. Without MPI, the first HDF5 file starts
      // the fork server.
      if launcher.startsMPI, invocation.readsFiles { try ReaderProcess.start() }
      let timeout = Duration.seconds(invocation.timeout ?? 60)
      try FileWatchdog.start(timeout, rank: launcher.startsMPI ? launcher.task : nil)
      // Under a launcher, a rank that exits before it joins would make the others hang.
      let communicator = try Communicator.start(timeout: timeout)
      let console = communicator.rank == 0 ? Console.standardOutput : Console.silent
      do throws(Failure) {
        let code = try run(invocation, communicator, console)
        try communicator.finish()
        endProcess(code)
      } catch {
        console.clearStatus()
        communicator.exit(after: error)
      }
    } catch {
      printError(error.message)
      endProcess(error.code)
    }
  }

  /// Opens closed standard streams; otherwise a file of the run could get their descriptors.
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
    // A failed write to the output is a failure, but must not replace another exit code.
    if code == .done {
      try communicator.together { () throws(Failure) in
        if let failure = console.failure { throw failure }
      }
    }
    return code
  }

  /// Throws if ranks run different programs, or have different variables of instruction sets.
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
    case .`init`: try InitCommand(arguments: arguments).run(communicator, console)
    case .train: try TrainCommand(arguments: arguments).run(communicator, console)
    case .crossval: try CrossvalCommand(arguments: arguments).run(communicator, console)
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
    case .report: try ReportCommand(arguments: arguments).run(communicator, console)
    case .draw: try DrawCommand(arguments: arguments).run(communicator, console)
    case .plot: try PlotCommand(arguments: arguments).run(communicator, console)
    case .plan: try PlanCommand(arguments: arguments).run(communicator, console)
    case .benchComm: try BenchCommCommand(arguments: arguments).run(communicator, console)
    }
  }
}

extension Result<Invocation, Failure> {
  /// Whether the command may read HDF5 files.
  fileprivate var readsFiles: Bool {
    guard case .success(.run(let command, _)) = self else { return false }
    return ![.doctor, .benchComm, .reference, .plot].contains(command)
  }

  /// The value of `--timeout`, nil without it.
  fileprivate var timeout: Int? {
    if case .success(.run(_, let arguments)) = self { arguments.timeout } else { nil }
  }
}
