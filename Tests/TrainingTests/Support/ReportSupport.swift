import Checkpoints
import Communication
import Configuration
import Foundation
import Reports
import RunFiles
import TestSupport
import Training

/// A run with its report: what stands in its directory afterwards, and the state that it reached.
struct ReportedRun {
  let record: RunRecord
  let state: StateBits
  let experiment: Experiment

  /// Trains until the end, from the newest checkpoint of the directory if there is one.
  init(
    _ experiment: Experiment, in directory: TemporaryDirectory, workers: Int = 2,
    from checkpoint: String? = nil, clock: @escaping () -> Double = { 0 }
  ) throws {
    let communicator = try Communicator.start()
    self.experiment = experiment
    state = try withTrainer(experiment, workers: workers) { trainer in
      try usingHDF5 {
        try Self.run(trainer, in: directory, communicator, from: checkpoint, clock)
      }
    }
    record = try RunRecord(reading: directory.path)
  }

  private static func run(
    _ trainer: Trainer, in directory: TemporaryDirectory, _ communicator: Communicator,
    from checkpoint: String?, _ clock: @escaping () -> Double
  ) throws -> StateBits {
    let experiment = trainer.experiment
    var history = RunHistory(of: experiment)
    if let checkpoint {
      history = try CheckpointLoader(experiment, communicator: communicator)
        .restore(trainer.state, from: checkpoint, computing: trainer.fingerprint)
    }
    let step = trainer.state.step
    try experiment.configuration.settings.yaml(includingAll: true).write(
      toFile: directory("config.yaml"), atomically: true, encoding: .utf8)
    let log = try MetricsLog(directory("metrics.jsonl"), after: step)
    var sessions = SessionLog(
      directory("run.jsonl"),
      RunSession.Start(of: trainer, on: communicator, by: "nn-dist train", version: "1"))
    let reporter = RunReporter(directory.path, of: experiment, after: step)
    let samples = try SampleSeries(trainer, in: directory("samples"))
    let run = try TrainingRun(
      trainer, communicator: communicator, checkpoints: CheckpointDirectory(directory.path),
      log: log, samples: samples, reporter: reporter, console: .silent, history: history,
      clock: clock)
    _ = try run.run()
    let end = RunSession.End(
      time: 1, step: trainer.state.step, outcome: .finished, message: "", code: 0, next: "")
    sessions.end(end)
    reporter.finish(end)
    if let failure = reporter.takeFailure() { throw failure }
    return StateBits(trainer.state)
  }
}
