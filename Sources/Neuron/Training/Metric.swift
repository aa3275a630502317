/// A figure that training can gather; the raw value is its name for people.
public enum Metric: String, CaseIterable, Sendable {
  /// The mean over the samples of the last epoch, as they were trained on.
  case loss = "Training Loss"
  /// The percentage of the samples of the last epoch that were right.
  case accuracy = "Accuracy"
  /// The mean over all validation samples after the last epoch.
  case valLoss = "Validation Loss"
  /// Of the generator of a GAN.
  case generatorLoss = "Generator Loss"
  /// Of the critic, or discriminator, of a GAN.
  case criticLoss = "Critic Loss"
  /// What a WGAN-GP adds to the critic's loss.
  case gradientPenalty = "Gradient Penalty"
}

/// Whoever gathers metrics.
public protocol MetricLogger: AnyObject {
  /// What is gathered; all else is not.
  var metricsToGather: Set<Metric> { get set }
  /// The latest value of each.
  var metrics: [Metric: Float] { get set }
}

extension MetricLogger {
  /// Keeps a value if its metric is one of those to gather.
  public func addMetric(value: Float, key: Metric) {
    if metricsToGather.contains(key) { metrics[key] = value }
  }
}
