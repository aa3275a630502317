internal import Datasets
internal import Graphs
internal import Networks
internal import Reports

/// What samples add to the loss and the metrics, given their predictions.
///
/// Targets that do not count add nothing.
struct Scorer: Sendable {
  private let metrics: [Metric]
  private let targets: TargetType
  /// For each real target of a sample, what its squared error adds to R².
  private let weights: [Double]

  init(_ metrics: [Metric], _ network: Network, on dataset: Dataset) {
    self.metrics = metrics
    targets = network.targets
    weights = metrics.contains(.determination) ? dataset.weightsOfSquaredErrors : []
  }

  /// Adds some samples, of whose losses the sum is given.
  ///
  /// Predictions and targets stand sample by sample.
  func score(
    _ predictions: UnsafePointer<Float>, _ truth: UnsafeRawPointer, _ samples: Int,
    losses: Double, _ confusion: UnsafeMutablePointer<Int>?, into record: inout Metrics
  ) {
    let size = targets.shape.count
    var counting = 0
    switch targets.kind {
    case .classes(let classes):
      let labels = unsafe truth.assumingMemoryBound(to: Int32.self)
      for target in 0..<samples * size where unsafe labels[target] >= 0 {
        counting += 1
        let label = unsafe Int(labels[target])
        let values = unsafe predictions + target * classes
        unsafe score(values, classes, label: label, confusion, into: &record)
      }
    case .values:
      let numbers = unsafe truth.assumingMemoryBound(to: Float.self)
      for sample in 0..<samples {
        let place = sample * size
        counting += unsafe score(predictions + place, targets: numbers + place, into: &record)
      }
    }
    // The loss of a sample is a mean over its targets, of which those that do not count are 0.
    if targets.ignoresSome {
      record.add(Double(size) * losses, targets: counting, to: Metrics.loss)
    } else {
      record.add(losses, targets: samples, to: Metrics.loss)
    }
  }

  /// Adds a target among classes; of equal values the first is the greater.
  private func score(
    _ values: UnsafePointer<Float>, _ classes: Int, label: Int,
    _ confusion: UnsafeMutablePointer<Int>?, into record: inout Metrics
  ) {
    var ahead = 0
    // What is no number is ahead of all, and all are ahead of it.
    for i in 0..<label where unsafe !(values[i] < values[label]) { ahead += 1 }
    for i in label + 1..<max(classes, label + 1) where unsafe !(values[i] <= values[label]) {
      ahead += 1
    }
    var found: Int?
    if let confusion = unsafe confusion {
      let best = unsafe argmax(values, classes)
      unsafe confusion[label * classes + best] += 1
      found = best
    }
    for (place, metric) in metrics.enumerated() {
      switch metric {
      case .top(let count):
        record.add(ahead < count ? 1 : 0, to: Metrics.entry(ofMetric: place))
      case .intersectionOverUnion:
        let best = unsafe argmax(values, classes)
        record.add(label: label, found: found ?? best)
      default: break
      }
    }
  }

  /// Adds the real targets of a sample; returns how many count.
  private func score(
    _ values: UnsafePointer<Float>, targets numbers: UnsafePointer<Float>,
    into record: inout Metrics
  ) -> Int {
    let size = targets.shape.count
    var counting = size
    if targets.ignoresSome {
      counting = (0..<size).count { unsafe !numbers[$0].isNaN }
    }
    for (place, metric) in metrics.enumerated() {
      let entry = Metrics.entry(ofMetric: place)
      switch metric {
      case .match: unsafe match(values, numbers, into: &record, entry)
      case .determination:
        var sum = 0.0
        for i in 0..<size where unsafe !numbers[i].isNaN {
          let error = unsafe Double(values[i]) - Double(numbers[i])
          sum += error * error * weights[i]
        }
        record.add(sum, to: entry)
      default:
        // A mean over all where all count; else over those that do.
        let (divisor, count) = targets.ignoresSome ? (1, counting) : (Double(size), 1)
        var sum = 0.0
        for i in 0..<size where unsafe !numbers[i].isNaN {
          sum += unsafe abs(Double(values[i]) - Double(numbers[i])) / divisor
        }
        record.add(sum, targets: count, to: entry)
      }
    }
    return counting
  }

  /// Adds whether the greatest of the last axis stands where it should, at each place.
  private func match(
    _ values: UnsafePointer<Float>, _ numbers: UnsafePointer<Float>, into record: inout Metrics,
    _ entry: Int
  ) {
    let width = targets.shape.extents.last ?? 1
    for first in stride(from: 0, to: targets.shape.count, by: width) {
      let (values, numbers) = unsafe (values + first, numbers + first)
      guard (0..<width).allSatisfy({ unsafe !numbers[$0].isNaN }) else { continue }
      let isRight =
        unsafe width > 1
        ? argmax(values, width) == argmax(numbers, width)
        : abs(values[0] - numbers[0]) < 0.5
      record.add(isRight ? 1 : 0, to: entry)
    }
  }
}

extension Dataset {
  /// For each real target of a sample, what its squared error adds to R², a mean over samples: one
  /// over the variance of that target, over the share of samples in which it counts, and over the
  /// number of targets that vary.
  fileprivate var weightsOfSquaredErrors: [Double] {
    let statistics = targetStatistics
    let varying = Double(statistics.count { $0.variance > 0 })
    // Without any variance R² is no number.
    return statistics.map { variance, counting in
      guard variance > 0 else { return varying > 0 ? 0 : .nan }
      let weight = 1 / (variance * varying)
      return counting == count ? weight : weight * Double(count) / Double(counting)
    }
  }

  /// The variance of each target over the samples in which it counts, in Double and in their order,
  /// and the number of these.
  private var targetStatistics: [(variance: Double, counting: Int)] {
    guard case .values = targets else { return [] }
    let width = targets.perSample
    var numbers = [Float](repeating: 0, count: count * width)
    unsafe numbers.withUnsafeMutableBytes {
      unsafe copy(targets: Array(0..<Int32(count))[...], into: $0)
    }
    var counting = [Int](repeating: 0, count: width)
    for (place, number) in numbers.enumerated() where !number.isNaN { counting[place % width] += 1 }
    func means(_ term: (Int, Double) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: width)
      for (place, number) in numbers.enumerated() where !number.isNaN {
        sums[place % width] += term(place % width, Double(number))
      }
      return zip(sums, counting).map { $0 / Double(max(1, $1)) }
    }
    let centres = means { $1 }
    return Array(zip(means { ($1 - centres[$0]) * ($1 - centres[$0]) }, counting))
  }
}
