/// A metric that training can record; the raw value is the name to display.
public enum Metric: String, CaseIterable, Sendable {
  /// The mean training loss of the last epoch.
  case loss = "Training Loss"
  /// The percentage of right answers in the last epoch.
  case accuracy = "Accuracy"
  /// The mean validation loss after the last epoch.
  case valLoss = "Validation Loss"
  /// The generator's loss of a GAN.
  case generatorLoss = "Generator Loss"
  /// The critic's or discriminator's loss of a GAN.
  case criticLoss = "Critic Loss"
  /// The gradient-penalty term of the critic's loss in a WGAN-GP.
  case gradientPenalty = "Gradient Penalty"
}

/// A type that records metrics.
public protocol MetricLogger: AnyObject {
  /// The metrics to record.
  var metricsToGather: Set<Metric> { get set }
  /// The latest value of each recorded metric.
  var metrics: [Metric: Float] { get set }
}

extension MetricLogger {
  /// Records a value if its metric is to be recorded.
  public func addMetric(value: Float, key: Metric) {
    if metricsToGather.contains(key) { metrics[key] = value }
  }
}
