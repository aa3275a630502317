import Checkpoints
import Communication
import Foundation
import Reports
import TestSupport
import Training

/// Runs a sample in a directory until it ends, from a checkpoint if one is given.
@discardableResult
func train(
  _ sample: Sample, in directory: TemporaryDirectory, from checkpoint: String? = nil,
  workers: Int = 2, clock: @escaping () -> Double = { 0 }
) throws -> TrainingRun.Outcome {
  try train(sample.experiment(), in: directory, from: checkpoint, workers: workers, clock: clock)
}

@discardableResult
func train(
  _ experiment: Experiment, in directory: TemporaryDirectory, from checkpoint: String? = nil,
  workers: Int = 2, clock: @escaping () -> Double = { 0 }
) throws -> TrainingRun.Outcome {
  let communicator = try Communicator.start()
  return try withTrainer(experiment, workers: workers) { trainer in
    try usingHDF5 {
      var history = RunHistory(of: trainer.experiment)
      if let checkpoint {
        history = try CheckpointLoader(trainer.experiment, communicator: communicator)
          .restore(trainer.state, from: checkpoint, computing: trainer.fingerprint)
      }
      return try TrainingRun(
        trainer, communicator: communicator, checkpoints: CheckpointDirectory(directory.path),
        log: try MetricsLog(directory("metrics.jsonl"), after: trainer.state.step),
        console: .silent, history: history, clock: clock
      ).run()
    }
  }
}

/// The lines of a run's log without what depends on the time.
func metrics(in directory: TemporaryDirectory) throws -> [String] {
  try String(contentsOfFile: directory("metrics.jsonl"), encoding: .utf8)
    .split(separator: "\n").map { line in
      String(line.replacing(/"samples_per_second":.*/, with: ""))
    }
}

/// The losses of a split in the log of a run.
func losses(of split: String, in directory: TemporaryDirectory) throws -> [Double] {
  try metrics(in: directory).filter { $0.contains("\"\(split)\"") }.compactMap { line in
    line.firstMatch(of: /"loss": ([^,]*),/).flatMap { Double($0.1) }
  }
}
