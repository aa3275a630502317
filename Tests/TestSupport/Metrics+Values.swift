package import Reports

extension Metrics {
  /// A record with these means, each over one target.
  package init(loss: Double, _ means: [(Metric, Double)] = []) {
    self.init(means.map(\.0))
    add(loss, to: Metrics.loss)
    for (place, (_, mean)) in means.enumerated() {
      add(mean, to: Metrics.entry(ofMetric: place))
    }
  }
}
