internal import Configuration
internal import Datasets
package import Diagnostics
internal import Execution
internal import Files
internal import Networks
internal import RunFiles

/// Writes what a network makes, at intervals of a run: samples that a generator makes of the same
/// noise, or what follows the same beginning of a text.
package struct SampleSeries {
  private let source: Source
  private let folder: String
  private let seed: UInt64

  private enum Source {
    case generator(SampleMaker, SampleFormat)
    case text(TextSeries)
  }

  /// The keys of `train.samples`.
  static let record = Record(
    "samples", main: "every",
    keys: [
      Key(
        "every", .timespan([.epochs, .steps]), default: "1 epoch", effect: .nothing,
        help: "The time between two files of samples."),
      Key(
        "count", .integer(in: 1...10_000), default: .absent, effect: .nothing,
        help: "The number of samples; left out, 64 of a generator, and one text."),
      Key(
        "prompt", .text, default: .absent, effect: .nothing,
        help: "What texts begin with; left out, nothing."),
      Key(
        "length", .integer(in: 1...100_000), default: .absent, effect: .nothing,
        help: "The number of tokens that follow; left out, 200."),
    ],
    help:
      "Samples of the same noise, or texts with the same beginning, written to the run's directory."
  )

  /// Makes the folder; nil if the configuration asks for no samples.
  package init?(_ trainer: Trainer, in folder: String) throws(Failure) {
    let experiment = trainer.experiment
    let schedule = experiment.configuration.schedule
    guard schedule.writesSamples else { return nil }
    let coding = experiment.data.training.coding
    if let adversaries = experiment.compiled.adversaries {
      let maker = try SampleMaker(
        adversaries, by: experiment.configuration, coding, trainer.state.vector,
        samples: schedule.sampleCount ?? 64)
      source = .generator(maker, SampleFormat(showing: coding.shape))
    } else {
      source = .text(try TextSeries(trainer))
    }
    self.folder = folder
    seed = experiment.configuration.seed
    try makeDirectories(folder)
  }

  /// What layers did while the last text was written; empty without layers that show something.
  var activations: [ActivationMap] {
    if case .text(let series) = source { series.maps } else { [] }
  }

  /// Writes what the network makes after a step, and returns the file.
  func write(after step: Int) throws(Failure) -> String {
    let digits = String(step)
    let path =
      "\(folder)/step-\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits)"
    switch source {
    case .generator(let maker, let format):
      try maker.samples(seed: seed).write(format, to: "\(path).\(format.rawValue)")
      return "\(path).\(format.rawValue)"
    case .text(let series):
      try writeAtomically(try series.texts(), to: "\(path).txt")
      return "\(path).txt"
    }
  }
}
