package import Configuration
internal import Diagnostics

/// The `train` section: how long a run is, and which checkpoints it leaves.
package struct TrainingSchedule: Sendable {
  private let settings: Settings

  package static let record = Record(
    "train",
    keys: [
      Key(
        "epochs", .integer(in: 1...1_000_000), default: .absent, effect: .length,
        help: "Passes over the training set; 1 if neither this nor steps is given."),
      Key(
        "steps", .integer(in: 1...1_000_000_000_000), default: .absent, effect: .length,
        help: "Length in steps instead of epochs."),
      Key(
        "checkpoint", .record(checkpoint), default: "{}", effect: .nothing,
        help: "When to save, and what to keep."),
    ],
    instead: [
      "accumulate": "there is no accumulation of gradients; memory is that of one shard, "
        + "so a larger batch with more shards does the same"
    ],
    help: "How long to train, and which checkpoints to keep.")

  private static let checkpoint = Record(
    "checkpoint", main: "every",
    keys: [
      Key(
        "every", .timespan([.epochs, .steps]), default: "1 epoch", effect: .nothing,
        help: "Time between two checkpoints; the end of the run always leaves one."),
      Key(
        "keep", .integer(in: 1...1_000_000), default: 3, effect: .nothing,
        help: "How many of the newest checkpoints stay."),
    ],
    help: "When to save, and what to keep.")

  init(_ settings: Settings) { self.settings = settings }

  /// The number of steps of the whole run.
  package func steps(perEpoch: Int) -> Int {
    if let steps = settings.optionalInteger("steps") { return steps }
    let (steps, overflow) = (settings.optionalInteger("epochs") ?? 1)
      .multipliedReportingOverflow(by: perEpoch)
    return overflow ? .max : steps
  }

  /// Whether a checkpoint is due after so many steps.
  package func savesCheckpoint(after steps: Int, perEpoch: Int) -> Bool {
    let every = settings.section("checkpoint").timespan("every")
    let interval = every.unit == .epochs ? every.count * perEpoch : every.count
    return steps % interval == 0
  }

  package var keep: Int { settings.section("checkpoint").integer("keep") }

  /// Both lengths at once contradict each other.
  func check() throws(Failure) {
    guard settings.optionalInteger("steps") != nil, settings.optionalInteger("epochs") != nil
    else { return }
    throw settings.failure(
      at: "steps", "epochs and steps both say how long to train: leave one out, or set it to null")
  }
}
