internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Processes
internal import Reports
internal import RunFiles
internal import Training

/// Records in a run's directory how it started and ended, and makes its report; on rank 0.
struct RunRecorder: ~Copyable {
  /// Nil if the configuration asks for none.
  let reporter: RunReporter?
  private var sessions: SessionLog
  private let resumingCommand: String

  /// Writes the first line of a session before the first step.
  init(
    _ training: ConfiguredTraining, _ trainer: Trainer, _ communicator: Communicator,
    in file: String
  ) {
    let (configuration, step) = (training.configuration, trainer.state.step)
    resumingCommand = training.resumingCommand
    sessions = SessionLog(
      file,
      RunSession.Start(
        of: trainer, on: communicator, by: CommandLine.typed, version: version))
    reporter =
      configuration.schedule.isObserved
      ? RunReporter(training.path, of: trainer.experiment, after: step) : nil
  }

  mutating func end(_ outcome: TrainingRun.Outcome, after step: Int) {
    switch outcome {
    case .finished: close(.finished, after: step)
    case .stoppedEarly(let reason): close(.stoppedEarly, after: step, reason)
    case .timeIsUp: close(.timeIsUp, after: step, next: resumingCommand)
    case .stopped: close(.stopped, after: step, code: .stoppedOnRequest, next: resumingCommand)
    }
  }

  mutating func end(_ failure: Failure, after step: Int) {
    close(.failed, after: step, failure.message, code: failure.code, next: resumingCommand)
  }

  private mutating func close(
    _ outcome: RunSession.End.Outcome, after step: Int, _ message: String = "",
    code: ExitCode = .done, next: String = ""
  ) {
    let end = RunSession.End(
      time: secondsSince1970(), step: step, outcome: outcome, message: message,
      code: Int(code.rawValue), next: next)
    sessions.end(end)
    reporter?.finish(end)
    // A run that failed prints its own failure.
    if outcome != .failed, let failure = reporter?.takeFailure() {
      printError("the report of the run is not whole: \(failure.message)")
    }
  }
}

extension CommandLine {
  /// The command that started this process, quoted for a shell.
  fileprivate static var typed: String {
    (["nn-dist"] + words).map(shellWord).joined(separator: " ")
  }
}
