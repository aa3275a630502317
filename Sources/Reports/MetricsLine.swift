/// A line of `metrics.jsonl`: the loss and metrics of a run after a step.
package struct MetricsLine: CustomStringConvertible, Sendable {
  package enum Split: String, CaseIterable, Sendable {
    case train, validation, test
    /// The batch of one step of training.
    case step
  }

  package let step: Int
  package let epoch: Int
  package let split: Split
  package let metrics: Metrics
  /// Only for training; otherwise null, so that all lines have the same keys.
  package let learningRate: Double?
  package let samplesPerSecond: Double?

  package init(
    step: Int, epoch: Int, split: Split, metrics: Metrics, learningRate: Double? = nil,
    samplesPerSecond: Double? = nil
  ) {
    self.step = step
    self.epoch = epoch
    self.split = split
    self.metrics = metrics
    self.learningRate = learningRate
    self.samplesPerSecond = samplesPerSecond
  }

  /// The line as JSON, without a newline.
  package var description: String {
    JSONValue.object([
      ("step", .integer(step)),
      ("epoch", .integer(epoch)),
      ("split", .string(split.rawValue)),
      ("loss", .number(metrics.loss)),
      ("metrics", .object(metrics.members)),
      ("learning_rate", .number(learningRate)),
      ("samples_per_second", .number(samplesPerSecond.map { ($0 * 10).rounded() / 10 })),
    ]).description
  }
}
