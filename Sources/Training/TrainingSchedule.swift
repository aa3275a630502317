package import Configuration
internal import Diagnostics
internal import Networks

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
        "metrics", .list(of: .text, count: 0...Measure.limit), default: .absent,
        help: "What is followed beside the loss: accuracy and topK (such as top5) of classes, mae "
          + "and r2 of real targets; left out, accuracy, or mae and r2."),
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

  /// What is followed beside the loss.
  func measures(of labels: LabelKind, loss: String) throws(Failure) -> [Measure] {
    guard let names = settings.optionalValue("metrics")?.list.map(\.text) else {
      return switch labels {
      case .classes: [.top(1)]
      // The outputs are no estimates of the targets but log-odds.
      case .values: loss == "binary_cross_entropy" ? [] : [.meanAbsoluteError, .determination]
      }
    }
    var measures: [Measure] = []
    for name in names {
      guard let measure = Measure(name) else {
        let hint = Suggestion.hint(for: name, among: ["accuracy", "top5", "mae", "r2"])
        throw settings.failure(at: "metrics", "unknown metric '\(name)'\(hint)")
      }
      if let misfit = measure.misfit(labels) { throw settings.failure(at: "metrics", misfit) }
      guard !measures.contains(measure) else {
        throw settings.failure(at: "metrics", "\(name) is listed twice")
      }
      measures.append(measure)
    }
    return measures
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
