internal import Checkpoints
package import Configuration
internal import ModelFiles
internal import Reports

extension TrainingSchedule {
  /// The keys of the `train` section.
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
        "max_time", .timespan([.hours, .minutes, .seconds]), default: .absent, effect: .nothing,
        help:
          "The run ends with a checkpoint after this time; it starts again when the run is resumed."
      ),
      Key(
        "early_stop", .record(EarlyStop.record), default: .absent, effect: .length,
        help: "When to end before the last epoch."),
      Key(
        "overfit_batches", .integer(in: 1...1_000_000), default: .absent,
        help:
          "Trains and validates on the first batches of the first epoch only: a network that "
          + "cannot overfit them has a mistake in it."),
      Key(
        "init_from", .record(InitialWeights.record), default: .absent, effect: .nothing,
        help: "The source of the initial weights; a resumed run does not read them again."),
      Key(
        "metrics", .list(of: .text, count: 0...1000), default: .absent,
        help:
          "What is followed beside the loss: \(Metric.help). Left out, accuracy of classes, "
          + "of a text perplexity and bits_per_byte too, match of real targets of cross_entropy, "
          + "mae and r2 of others."),
      Key(
        "threshold", .choice(ThresholdGoal.self), default: .absent, effect: .nothing,
        help:
          "Of two classes: what the threshold between them makes greatest, chosen on the validation "
          + "set at each validation and stored with the checkpoint; left out, the more probable "
          + "class is chosen."),
      Key(
        "checkpoint", .record(checkpoint), default: "{}", effect: .nothing,
        help: "When to save, and what to keep."),
      Key(
        "samples", .record(SampleSeries.record), default: .absent, effect: .nothing,
        help:
          "What the network makes during the run: samples of a generator, or texts that a network "
          + "of texts continues."),
      Key(
        "report", .boolean, default: true, effect: .nothing,
        help:
          "Whether the run's directory gets report.html, a page that shows the run, and the files "
          + "behind it; it is written again after epochs."),
      Key(
        "tensorboard", .boolean, default: false, effect: .nothing,
        help: "Whether it gets a folder tensorboard with event files for TensorBoard."),
      Key(
        "log_every", .timespan([.steps]), default: .absent, effect: .nothing,
        help:
          "The time between two steps of which metrics.jsonl gets a line, beside those of epochs: "
          + "10 steps."),
      Key(
        "export", .record(export), default: .absent, effect: .nothing,
        help: "The format to which the weights of each checkpoint are exported."),
    ],
    help: "How long to train, and which checkpoints to keep.")

  private static let export = Record(
    "export", main: "format",
    keys: [
      Key(
        "format", .choice(ExportFormat.self), effect: .nothing,
        help:
          "The file model.h5, model.smodel or model.checkpoint of the run, which is that of the "
          + "best checkpoint, or of the newest where none is marked."),
      Key(
        "layout", .choice(WeightLayout.self), default: .absent, effect: .nothing,
        help:
          "How a model file of Neuron 1 has the weights of dense layers: permuted, as Neuron 1.5 "
          + "and 1.6 compute with them, or natural; left out, permuted."),
    ],
    help: "The format to which the weights of each checkpoint are exported.")

  private static let checkpoint = Record(
    "checkpoint", main: "every",
    keys: [
      Key(
        "every", .timespan([.epochs, .steps, .seconds, .minutes, .hours]), default: "1 epoch",
        effect: .nothing,
        help: "The time between two checkpoints; the end of the run always leaves one."),
      Key(
        "keep", .integer(in: 1...1_000_000), default: 3, effect: .nothing,
        help: "The number of newest checkpoints that are kept."),
      Key(
        "best", .text, default: .absent, effect: .nothing,
        help:
          "The loss or metric whose best epoch leaves a checkpoint; the file best holds its "
          + "name. By default the figure of early_stop, if that is given and there is a "
          + "validation set."),
    ],
    help: "When to save, and what to keep.")
}
