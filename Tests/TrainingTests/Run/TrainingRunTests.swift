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

  private func run(
    _ sample: Sample = sample, in directory: TemporaryDirectory, from checkpoint: String? = nil,
    workers: Int = 2
  ) throws {
    let outcome = try train(sample, in: directory, from: checkpoint, workers: workers)
    #expect(outcome == .finished)
  }

  private func steps(in directory: TemporaryDirectory) throws -> [Int] {
    try CheckpointDirectory(directory.path).steps()
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
        var totals = Metrics(trainer.experiment.metrics)
        for step in steps { totals += try trainer.step(sampler.batch(atStep: step)).metrics }
        let accuracy = totals.sum(of: 1) / Double(totals.samples)
        let figures =
          #""loss": \#(totals.loss), "metrics": {"accuracy": \#(accuracy)}"#
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
