import Checkpoints
import Communication
import Datasets
import Foundation
import Reports
import TestSupport
import Testing
import Training

@Suite struct TrainingRunTests {
  /// Two epochs of four steps and half of one.
  static let sample = Sample(train: "{steps: 10, checkpoint: {every: 3 steps, keep: 9}}")

  /// Runs the sample to its end in a directory, from a checkpoint if one is given.
  private func run(
    _ sample: Sample = sample, in directory: TemporaryDirectory, from checkpoint: String? = nil,
    workers: Int = 2
  ) throws {
    let communicator = try Communicator.start()
    try withTrainer(sample.experiment(), workers: workers) { trainer in
      try usingHDF5 {
        var totals = EpochTotals()
        if let checkpoint {
          totals = try Checkpointing(trainer.experiment, communicator: communicator)
            .restore(trainer.state, from: checkpoint)
        }
        let run = TrainingRun(
          trainer, communicator: communicator, checkpoints: CheckpointDirectory(directory.path),
          log: try MetricsLog(directory("metrics.jsonl"), after: trainer.state.step),
          console: .silent, totals: totals)
        guard case .finished = try run.run() else {
          Issue.record("the run did not finish")
          return
        }
      }
    }
  }

  private func steps(in directory: TemporaryDirectory) throws -> [Int] {
    try CheckpointDirectory(directory.path).steps()
  }

  /// The lines of the log without what depends on the time.
  private func metrics(in directory: TemporaryDirectory) throws -> [String] {
    try String(contentsOfFile: directory("metrics.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { line in
        String(line.replacing(/"samples_per_second":.*/, with: ""))
      }
  }

  @Test func leavesCheckpointsAndMetrics() throws {
    let directory = try TemporaryDirectory()
    try run(in: directory)
    #expect(try steps(in: directory) == [3, 6, 9, 10])
    let lines = try metrics(in: directory)
    #expect(lines.count == 6)
    for (i, (step, epoch)) in [(4, 1), (8, 2), (10, 3)].enumerated() {
      for (line, split) in zip(lines.dropFirst(2 * i), ["train", "validation"]) {
        let start = #"{"step": \#(step), "epoch": \#(epoch), "split": "\#(split)", "loss": "#
        #expect(line.hasPrefix(start))
      }
    }
  }

  @Test func eachEpochReportsItsOwnSteps() throws {
    let directory = try TemporaryDirectory()
    try run(in: directory)
    let lines = try metrics(in: directory).filter { $0.contains("train") }
    try withTrainer(TrainingRunTests.sample.experiment()) { trainer in
      var sampler = trainer.experiment.sampler
      for (line, steps) in zip(lines, [0..<4, 4..<8, 8..<10]) {
        var totals = EpochTotals()
        for step in steps { totals.add(try trainer.step(sampler.batch(atStep: step))) }
        let accuracy = totals.counters[0] / Double(totals.samples)
        let figures =
          #""loss": \#(totals.meanLoss), "metrics": {"accuracy": \#(accuracy)}"#
        #expect(line.contains(figures))
      }
    }
  }

  @Test func oldCheckpointsGo() throws {
    let directory = try TemporaryDirectory()
    try run(Sample(train: "{epochs: 2, checkpoint: {every: 1 step, keep: 2}}"), in: directory)
    #expect(try steps(in: directory) == [7, 8])
  }

  @Test func epochsCheckpointAtTheirEnd() throws {
    let directory = try TemporaryDirectory()
    try run(Sample(train: "{epochs: 2}"), in: directory)
    #expect(try steps(in: directory) == [4, 8])
  }

  /// From inside an epoch, and from the checkpoint before the last step.
  @Test(arguments: [3, 6, 9]) func resumedRunLeavesTheSameFiles(_ step: Int) throws {
    let (whole, resumed) = (try TemporaryDirectory(), try TemporaryDirectory())
    try run(in: whole)
    let checkpoint = CheckpointDirectory(whole.path).file(ofStep: step)
    try run(in: resumed, from: checkpoint, workers: 3)
    #expect(try steps(in: resumed) == steps(in: whole).filter { $0 > step })
    for step in try steps(in: resumed) {
      let files = try [whole, resumed].map {
        try bytes(of: CheckpointDirectory($0.path).file(ofStep: step))
      }
      let areEqual = files[0] == files[1]
      #expect(areEqual, "step \(step)")
    }
    let lines = try metrics(in: whole)
    #expect(try metrics(in: resumed) == lines.suffix(metrics(in: resumed).count))
  }
}
