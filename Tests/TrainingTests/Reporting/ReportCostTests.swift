import Checkpoints
import Communication
import Foundation
import Reports
import RunFiles
import TestSupport
import Testing
import Training

/// What reports take of the training thread.
///
/// The floor with 101,770 weights: norms read weights and gradient once (0.8 MB, 0.05 ms by one
/// core), distributions copy both (0.1 ms), and the probe's forward pass of 64 samples has 13
/// MFLOP (0.3 ms by one core). An epoch of 157 steps takes 70 ms, so 1 % of it is 0.7 ms.
@Suite struct ReportCostTests {
  private static let configuration = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../configs/mlp.yaml").standardizedFileURL.path

  /// The least of some runs: other processes take time of all threads.
  @Test func reportsTakeLessThanAHundredth() throws {
    let communicator = try Communicator.start()
    var shares: [Double] = []
    for _ in 0..<3 {
      let directory = try TemporaryDirectory()
      let experiment = try Experiment(
        RunConfiguration(
          file: Self.configuration,
          set: ["train.tensorboard=true", "train.epochs=6", "train.checkpoint.every=6 epochs"]))
      try "name: mlp\n".write(
        toFile: directory("config.yaml"), atomically: true, encoding: .utf8)
      let share = try withTrainer(experiment) { trainer in
        try usingHDF5 {
          let reporter = RunReporter(directory.path, of: experiment, after: 0)
          let run = try TrainingRun(
            trainer, communicator: communicator, checkpoints: nil, log: nil, reporter: reporter,
            console: .silent, history: RunHistory(of: experiment))
          let start = ContinuousClock.now
          _ = try run.run()
          let seconds = (ContinuousClock.now - start) / .seconds(1)
          reporter.finish(
            RunSession.End(
              time: 0, step: 942, outcome: .finished, message: "", code: 0, next: ""))
          #expect(reporter.takeFailure() == nil)
          return run.secondsOfObserving / seconds
        }
      }
      shares.append(share)
    }
    let least = try #require(shares.min())
    print("reports and TensorBoard took \(shares) of the training thread")
    #expect(least < 0.01, "\(shares)")
  }
}
