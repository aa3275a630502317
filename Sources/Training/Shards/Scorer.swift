internal import Datasets
internal import Graphs
internal import Networks
internal import Reports

/// Adds the predictions for samples, and their losses, to a record of loss and metrics.
///
/// It serves one output of a network. Ignored targets add nothing.
struct Scorer: Sendable {
  /// Those of the output, with their places among the metrics of the run.
  private let metrics: [(place: Int, metric: Metric)]
  private let targets: TargetType
  /// The entry of the record for the losses of the output.
  private let loss: Int
  /// For each real target of a sample, the factor of its squared error in R².
  private let factors: [Double]
  /// How numbers become classes.
  private let decision: Decision
  /// The bytes of each token of a text, if a metric needs them.
  private let tokenBytes: [Int]

  /// An output among those whose metrics the run monitors.
  ///
  /// `threshold` is that between two classes.
  init(
    _ metrics: [Metric], _ output: NetworkOutput, on dataset: Dataset, threshold: Double? = nil
  ) {
    self.metrics = metrics.enumerated().filter { $0.element.output == output.name }.map {
      ($0.offset, $0.element)
    }
    targets = output.targets
    decision = Decision(ClassForm(output), threshold: threshold)
    loss =
      metrics.firstIndex(of: .loss(weight: 1).of(output: output.name))
      .map { Metrics.entry(ofMetric: $0) } ?? Metrics.loss
    tokenBytes =
      self.metrics.contains(where: \.metric.needsTokens) ? dataset.tokens?.byteCounts ?? [] : []
    factors =
      self.metrics.contains(where: \.metric.needsVariances) ? dataset.factorsOfSquaredErrors : []
  }

  /// Adds samples, whose losses have the sum `losses`.
  ///
  /// Predictions and targets stand sample by sample, as do `weights` in metrics, if they differ.
  /// Where `confusion` points, a row for each class counts the predicted classes.
  func score(
    _ predictions: UnsafePointer<Float>, _ truth: UnsafeRawPointer, _ samples: Int,
    losses: Double, weights: UnsafePointer<Float>?, _ confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  ) {
    let weights = unsafe SampleWeights(floats: weights)
    let size = targets.shape.count
    let count = samples * size
    var counted = samples
    switch targets.kind {
    case .classes(let classes):
      let labels = unsafe truth.assumingMemoryBound(to: Int32.self)
      let found = unsafe ClassPredictions(
        predictions, labels, count: count, classes: classes, by: decision, weights: weights,
        size: size, nats: Double(size) * losses, tokenBytes: tokenBytes)
      for (place, metric) in metrics {
        metric.add(found, to: &record, at: record.place(ofMetric: place))
      }
      if let confusion = unsafe confusion {
        for target in 0..<count where found.isCounted(target) {
          unsafe confusion[found.label(target) * classes + found.choice(target)] += 1
        }
      }
      if targets.ignoresSome { counted = found.counted }
    case .values:
      let numbers = unsafe truth.assumingMemoryBound(to: Float.self)
      let found = unsafe ValuePredictions(
        predictions, numbers, samples: samples, size: size,
        width: targets.shape.extents.last ?? 1, ignoresSome: targets.ignoresSome,
        factors: factors, weights: weights)
      for (place, metric) in metrics {
        metric.add(found, to: &record, at: record.place(ofMetric: place))
      }
      if targets.ignoresSome { counted = (0..<count).count(where: found.isCounted) }
    }
    // The loss of a sample is a mean over its targets, of which the ignored ones are 0.
    record.add(
      targets.ignoresSome ? Double(size) * losses : losses, targets: counted, to: loss)
  }
}

extension Metric.Targets {
  /// Those of a network's output.
  init(_ output: NetworkOutput) {
    let targets = output.targets
    self =
      targets.classes.map {
        .classes(
          $0,
          having: output.coversText
            ? .tokens
            : output.isLogLikelihood
              ? .logLikelihood : output.givesProbabilities ? .probabilities : .nothing)
      }
      ?? .values(
        width: targets.shape.extents.last ?? 1, isField: output.output.target != nil,
        areLabels: output.output.loss is BinaryCrossEntropy)
  }
}

extension Dataset {
  /// For each real target of a sample, the factor of its squared error in R², a mean over samples:
  /// one over the product of that target's variance, the share of samples in which it counts, and
  /// the number of targets that vary.
  fileprivate var factorsOfSquaredErrors: [Double] {
    let weights = metricWeights
    let statistics = targetStatistics(weighted: weights)
    let varying = Double(statistics.count { $0.variance > 0 })
    let whole = weights.map { $0.reduce(0) { $0 + Double($1) } } ?? Double(count)
    // Without any variance R² is NaN.
    return statistics.map { target in
      guard target.variance > 0 else { return varying > 0 ? 0 : .nan }
      let factor = 1 / (target.variance * varying)
      return target.counting == whole ? factor : factor * whole / target.counting
    }
  }
}
