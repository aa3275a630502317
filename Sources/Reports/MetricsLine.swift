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
  /// Seconds since 1970.
  package let wallTime: Double
  /// That of the step, over all trained parameters before clipping; only for lines of steps.
  package let gradientNorm: Double?

  package init(
    step: Int, epoch: Int, split: Split, metrics: Metrics, learningRate: Double? = nil,
    samplesPerSecond: Double? = nil, wallTime: Double, gradientNorm: Double? = nil
  ) {
    self.step = step
    self.epoch = epoch
    self.split = split
    self.metrics = metrics
    self.learningRate = learningRate
    self.samplesPerSecond = samplesPerSecond
    self.wallTime = wallTime
    self.gradientNorm = gradientNorm
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
      ("samples_per_second", .number(roundedSpeed)),
      ("wall_time", .number((wallTime * 1000).rounded() / 1000)),
      ("gradient_norm", .number(gradientNorm)),
    ]).description
  }

  /// The samples a second with one decimal.
  private var roundedSpeed: Double? { samplesPerSecond.map { ($0 * 10).rounded() / 10 } }

  /// Its numbers with the names that they have in the file.
  ///
  /// A metric of an adversarial run has the name `gradient_norm`, too, and keeps it.
  package var values: [(name: String, value: Double)] {
    let own = [("loss", metrics.loss)] + metrics.values.map { ($0.metric.name, $0.value) }
    let others = [
      ("learning_rate", learningRate), ("samples_per_second", roundedSpeed),
      ("gradient_norm", gradientNorm),
    ]
    return own
      + others.compactMap { name, value in
        own.contains { $0.0 == name } ? nil : value.map { (name, $0) }
      }
  }
}
