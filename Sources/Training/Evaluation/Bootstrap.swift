internal import Communication
package import Diagnostics
internal import Execution
internal import Networks
internal import Randomness
package import Reports

extension Evaluator {
  /// Intervals that hold 95 % of what each metric is of samples that are drawn again, as often as
  /// there are samples; nil for several outputs, and if answers are not kept.
  ///
  /// Each draw depends on the seed and its number alone, so it does not matter which rank and
  /// worker makes it. Collective.
  package func intervals(draws: Int, seed: UInt64) throws(Failure) -> MetricIntervals? {
    guard answers.count == 1, let (output, answers) = answers.first, draws > 0 else { return nil }
    let resampling = Resampling(answers, own(output), metrics, threshold: threshold, seed: seed)
    let count = metrics.count
    var values = [Double](repeating: .nan, count: draws * count)
    let own = (0..<draws).part(communicator.rank, of: communicator.size)
    unsafe values.withUnsafeMutableBufferPointer { values in
      let values = unsafe SharedNumbers(start: values.baseAddress)
      pool.run { [pool] worker in
        for draw in own.part(worker, of: pool.count) {
          for (place, value) in resampling.values(ofDraw: draw).enumerated() {
            unsafe values.start?[draw * count + place] = value ?? .nan
          }
        }
      }
    }
    try unsafe communicator.allGather(
      &values,
      ranges: (0..<communicator.size).map {
        let part = (0..<draws).part($0, of: communicator.size)
        return 8 * count * part.lowerBound..<8 * count * part.upperBound
      })
    return MetricIntervals(
      metrics.indices.map { place in
        (metrics[place], stride(from: place, to: values.count, by: count).map { values[$0] })
      }, draws: draws)
  }
}

/// Memory that workers write to in different places.
@safe private struct SharedNumbers: @unchecked Sendable {
  let start: UnsafeMutablePointer<Double>?
}

/// The metrics of samples that are drawn again.
///
/// Most metrics are computed from sums, to which a sample adds as much each time that it is drawn.
package struct Resampling: Sendable {
  private let metrics: [Metric]
  private let answers: Answers
  private let seed: UInt64
  /// What each sample adds to the sums of a record.
  private let terms: [Term]
  private let ends: [Int]
  /// The metrics of the whole set, and R², whose variance is that of what is drawn.
  private let wholes: [Int]
  private let scores: WholeSetScores

  private struct Term: Sendable {
    let entry: Int32
    let sum: Double
    let targets: Double
  }

  /// `own` are those of `metrics` that belong to the answers; `threshold` is that between two
  /// classes.
  package init(
    _ answers: Answers, _ own: [(place: Int, metric: Metric)], _ metrics: [Metric],
    threshold: Double?, seed: UInt64
  ) {
    self.metrics = metrics
    self.answers = answers
    self.seed = seed
    let scored = own.compactMap { place, metric in
      (metric.needsVariances ? .determination : metric.score).map { (place: place, score: $0) }
    }
    wholes = scored.map(\.place)
    scores = WholeSetScores(scored.map(\.score), of: answers)
    let summed = own.filter { !$0.metric.needsVariances && !$0.metric.needsWholeSet }
    var (terms, ends): ([Term], [Int]) = ([], [])
    var record = Metrics(metrics)
    for sample in 0..<answers.samples {
      record.reset()
      answers.add(sample..<sample + 1, of: summed, threshold: threshold, factors: [], to: &record)
      for entry in 0..<record.entryCount {
        let (sum, targets) = (record.sum(of: entry), record.targets(of: entry))
        guard sum != 0 || targets != 0 else { continue }
        terms.append(Term(entry: Int32(entry), sum: sum, targets: targets))
      }
      ends.append(terms.count)
    }
    (self.terms, self.ends) = (terms, ends)
  }

  /// The samples of a draw, of which some are there more than once.
  package func samples(ofDraw draw: Int) -> [Int] {
    let stream = RandomStream(seed: seed, purpose: .resampling, unit: 2, major: UInt64(draw))
    return (0..<answers.samples).map { stream.integer(below: answers.samples, at: $0) }
  }

  /// The value of each metric of these samples.
  package func values(ofDraw draw: Int) -> [Double?] {
    var counts = [Double](repeating: 0, count: answers.samples)
    for sample in samples(ofDraw: draw) { counts[sample] += 1 }
    var record = Metrics(metrics)
    var first = 0
    for (count, end) in zip(counts, ends) {
      if count > 0 {
        for term in terms[first..<end] {
          record.add(term.sum * count, over: term.targets * count, to: Int(term.entry))
        }
      }
      first = end
    }
    var values = metrics.indices.map { record.value(ofMetric: $0) }
    let weights = zip(counts, answers.weights).map { $0 * $1 }
    for (place, value) in zip(wholes, scores.values(weights)) { values[place] = value }
    return values
  }
}
