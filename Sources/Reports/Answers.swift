/// All answers of one output for a set, sample after sample, beside what is true.
package struct Answers: Sendable {
  package enum Truth: Sendable {
    /// Numbers of classes, -1 where a target is ignored.
    case labels([Int32], classes: Int)
    /// Real numbers, NaN where a target is ignored.
    case values([Float])
  }

  package let samples: Int
  /// The targets of a sample, and those along their last axis.
  package let size: Int
  package let width: Int
  package let truth: Truth
  let form: ClassForm
  let numbers: [Float]
  private let ignoresSome: Bool
  /// Of each sample.
  package let weights: [Double]

  /// Equal weights if none are given.
  package init(
    _ numbers: [Float], _ truth: Truth, samples: Int, size: Int, width: Int, ignoresSome: Bool,
    form: ClassForm, weights: [Float]? = nil
  ) {
    self.numbers = numbers
    self.truth = truth
    self.samples = samples
    self.size = size
    self.width = width
    self.ignoresSome = ignoresSome
    self.form = form
    self.weights =
      weights.map { $0.map { Double($0) } } ?? Array(repeating: 1, count: samples)
  }

  /// The targets of class c, or of label c, with their scores.
  func scores(of c: Int) -> [(score: Double, sample: Int32, isTrue: Bool)] {
    var scores: [(score: Double, sample: Int32, isTrue: Bool)] = []
    switch truth {
    case .labels(let labels, let classes):
      scores.reserveCapacity(labels.count)
      unsafe numbers.withUnsafeBufferPointer { numbers in
        guard let start = numbers.baseAddress else { return }
        for (target, label) in labels.enumerated() where label >= 0 {
          let values = unsafe start + target * classes
          let shift = unsafe form.shift(values, classes)
          scores.append(
            (unsafe form.rank(values[c], shift), Int32(target / size), Int(label) == c))
        }
      }
    case .values(let values):
      for target in stride(from: c, to: values.count, by: width) where !values[target].isNaN {
        scores.append((Double(numbers[target]), Int32(target / size), values[target] > 0.5))
      }
    }
    return scores
  }

  /// The number of classes or labels.
  package var columns: Int { if case .labels(_, let classes) = truth { classes } else { width } }

  /// The targets at one place of each sample that count: truth and error.
  func errors(at place: Int) -> [(truth: Double, error: Double, sample: Int32)] {
    guard case .values(let values) = truth else { return [] }
    return (0..<samples).compactMap { sample in
      let target = sample * size + place
      let truth = Double(values[target])
      return truth.isNaN ? nil : (truth, Double(numbers[target]) - truth, Int32(sample))
    }
  }

  /// Adds some samples to the sums of metrics, which are those of this output.
  ///
  /// `weights` replaces those of the samples; `factors` are those of squared errors in R².
  package func add(
    _ samples: Range<Int>, of metrics: [(place: Int, metric: Metric)], threshold: Double?,
    factors: [Double], weights: [Double]? = nil, to record: inout Metrics
  ) {
    let first = samples.lowerBound * size
    let count = samples.count * size
    unsafe (weights ?? self.weights).withUnsafeBufferPointer { weights in
      unsafe numbers.withUnsafeBufferPointer { numbers in
        guard let numbers = numbers.baseAddress, let weights = weights.baseAddress else { return }
        let own = unsafe SampleWeights(doubles: weights + samples.lowerBound)
        switch truth {
        case .labels(let labels, let classes):
          unsafe labels.withUnsafeBufferPointer { labels in
            guard let labels = labels.baseAddress else { return }
            let found = unsafe ClassPredictions(
              numbers + first * classes, labels + first, count: count, classes: classes,
              by: Decision(form, threshold: threshold), weights: own, size: size)
            for (place, metric) in metrics {
              metric.add(found, to: &record, at: record.place(ofMetric: place))
            }
          }
        case .values(let values):
          unsafe values.withUnsafeBufferPointer { values in
            guard let values = values.baseAddress else { return }
            let found = unsafe ValuePredictions(
              numbers + first, values + first, samples: samples.count, size: size, width: width,
              ignoresSome: ignoresSome, factors: factors, weights: own)
            for (place, metric) in metrics {
              metric.add(found, to: &record, at: record.place(ofMetric: place))
            }
          }
        }
      }
    }
  }

  /// The confusion matrix, row by row; nil of real targets.
  package func confusion(threshold: Double?) -> [Int]? {
    guard case .labels(let labels, let classes) = truth else { return nil }
    let decision = Decision(form, threshold: threshold)
    var counts = [Int](repeating: 0, count: classes * classes)
    for (target, label) in labels.enumerated() where label >= 0 {
      let choice = decision.choice(numbers[target * classes..<(target + 1) * classes])
      counts[Int(label) * classes + choice] += 1
    }
    return counts
  }
}
