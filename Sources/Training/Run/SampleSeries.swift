internal import Configuration
internal import Datasets
package import Diagnostics
internal import Files
internal import Networks

/// Writes samples that the generator makes of the same noise, at intervals of an adversarial run.
package struct SampleSeries {
  private let maker: SampleMaker
  private let folder: String
  private let format: SampleFormat
  private let seed: UInt64

  /// The keys of `train.samples`.
  static let record = Record(
    "samples", main: "every",
    keys: [
      Key(
        "every", .timespan([.epochs, .steps]), default: "1 epoch", effect: .nothing,
        help: "The time between two files of samples."),
      Key(
        "count", .integer(in: 1...10_000), default: 64, effect: .nothing,
        help: "The number of samples."),
    ], help: "Samples of the same noise, written to the run's directory during an adversarial run.")

  /// Makes the folder; nil if the configuration asks for no samples.
  package init?(_ trainer: Trainer, in folder: String) throws(Failure) {
    let experiment = trainer.experiment
    guard let adversaries = experiment.compiled.adversaries,
      let count = experiment.configuration.schedule.sampleCount
    else { return nil }
    let coding = experiment.data.training.coding
    maker = try SampleMaker(
      adversaries, by: experiment.configuration, coding, trainer.state.vector, samples: count)
    self.folder = folder
    format = SampleFormat(showing: coding.shape)
    seed = experiment.configuration.seed
    try makeDirectories(folder)
  }

  /// Writes the generator's samples after a step.
  func write(after step: Int) throws(Failure) {
    let digits = String(step)
    let name = "step-\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits)"
    try maker.samples(seed: seed).write(format, to: "\(folder)/\(name).\(format.rawValue)")
  }
}
