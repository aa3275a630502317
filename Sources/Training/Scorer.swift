internal import Datasets

/// What each sample of a dataset adds to the counters of the measures.
struct Scorer: Sendable {
  private let measures: [Measure]
  /// For each output, what its squared error adds to R²: one over the variance of its targets, and
  /// over the number of outputs that vary.
  private let weights: [Double]

  init(_ measures: [Measure], of dataset: Dataset) {
    self.measures = measures
    guard measures.contains(.determination) else {
      weights = []
      return
    }
    let variances = dataset.targetVariances
    let varying = Double(variances.count { $0 > 0 })
    // Without any variance R² is no number.
    weights = variances.map { $0 > 0 ? 1 / ($0 * varying) : varying > 0 ? 0 : .nan }
  }

  /// The counters of one sample among classes; of equal values the first is the greater.
  func score(_ values: UnsafePointer<Float>, _ classes: Int, label: Int) -> Counters {
    var ahead = 0
    // What is no number is ahead of all, and all are ahead of it.
    for i in 0..<label where unsafe !(values[i] < values[label]) { ahead += 1 }
    for i in label + 1..<max(classes, label + 1) where unsafe !(values[i] <= values[label]) {
      ahead += 1
    }
    var counters = Counters()
    for (place, measure) in measures.enumerated() {
      if case .top(let count) = measure, ahead < count { counters[place] = 1 }
    }
    return counters
  }

  /// The counters of one sample with real targets.
  func score(
    _ values: UnsafePointer<Float>, targets: UnsafePointer<Float>, _ width: Int
  ) -> Counters {
    var counters = Counters()
    for (place, measure) in measures.enumerated() {
      if measure == .match {
        counters[place] = unsafe match(values, targets, width) ? 1 : 0
        continue
      }
      var sum = 0.0
      for i in 0..<width {
        let error = unsafe Double(values[i]) - Double(targets[i])
        sum += measure == .determination ? error * error * weights[i] : abs(error) / Double(width)
      }
      counters[place] = sum
    }
    return counters
  }

  private func match(
    _ values: UnsafePointer<Float>, _ targets: UnsafePointer<Float>, _ width: Int
  ) -> Bool {
    guard width > 1 else { return unsafe abs(values[0] - targets[0]) < 0.5 }
    return unsafe Predictions.best(values, width) == Predictions.best(targets, width)
  }
}

extension Dataset {
  /// The class of each sample; nil where targets are real numbers.
  var labels: [Int32]? {
    guard case .classes = targets else { return nil }
    return copiedTargets(zero: 0, width: 1)
  }

  /// The variance of each target over all samples, in Double and in their order.
  fileprivate var targetVariances: [Double] {
    guard case .values = targets else { return [] }
    let width = targets.perSample
    let numbers: [Float] = copiedTargets(zero: 0, width: width)
    func means(_ term: (Int, Double) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: width)
      for (place, number) in numbers.enumerated() {
        sums[place % width] += term(place % width, Double(number))
      }
      return sums.map { $0 / Double(count) }
    }
    let centres = means { $1 }
    return means { ($1 - centres[$0]) * ($1 - centres[$0]) }
  }

  private func copiedTargets<Element>(zero: Element, width: Int) -> [Element] {
    var numbers = [Element](repeating: zero, count: count * width)
    unsafe numbers.withUnsafeMutableBytes {
      unsafe copy(targets: Array(0..<Int32(count))[...], into: $0)
    }
    return numbers
  }
}
