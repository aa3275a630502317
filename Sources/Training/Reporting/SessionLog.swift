internal import Checkpoints
package import Communication
internal import Diagnostics
internal import Execution
internal import Kernels
internal import Processes
internal import Reports
package import RunFiles

/// Appends to `run.jsonl` when a run starts and when it ends.
///
/// A run that cannot write it goes on: that is reported once on standard error.
package struct SessionLog: ~Copyable {
  package private(set) var session: RunSession
  private let log: MetricsLog?
  private let path: String

  /// Writes the first line.
  package init(_ path: String, _ start: RunSession.Start) {
    self.path = path
    session = RunSession(start: start)
    do throws(Failure) {
      // All complete lines stay: they are those of earlier sessions.
      let log = try MetricsLog(path, after: .max)
      try log.append(start.json.description)
      self.log = consume log
    } catch {
      printError("the run goes on without '\(path)': \(error.message)")
      log = nil
    }
  }

  /// Writes how it ended.
  package mutating func end(_ end: RunSession.End) {
    session.end = end
    do throws(Failure) {
      try log?.append(end.json.description)
    } catch {
      // A run that failed prints its own failure, which has the same reason.
      guard end.outcome != .failed else { return }
      printError("the end of the run is missing in '\(path)': \(error.message)")
    }
  }
}

extension RunSession.Start {
  /// The start of a run with a trainer's state, by a command.
  package init(
    of trainer: Trainer, on communicator: Communicator, by command: String, version: String
  ) {
    self.init(
      time: secondsSince1970(), step: trainer.state.step, version: version, command: command,
      host: communicator.host, processor: Processor.name, cores: communicator.cores,
      ranks: communicator.size, workers: trainer.pool.count,
      engine: trainer.experiment.configuration.computing)
  }
}
