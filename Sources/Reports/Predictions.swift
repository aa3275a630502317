/// The weight of each sample in metrics.
@safe package struct SampleWeights {
  private let floats: UnsafePointer<Float>?
  private let doubles: UnsafePointer<Double>?

  /// All samples count alike.
  package static var equal: SampleWeights { unsafe SampleWeights(floats: nil) }

  package init(floats: UnsafePointer<Float>?) {
    unsafe self.floats = floats
    unsafe doubles = nil
  }

  package init(doubles: UnsafePointer<Double>) {
    unsafe floats = nil
    unsafe self.doubles = doubles
  }

  subscript(sample: Int) -> Double {
    if let floats = unsafe floats { return unsafe Double(floats[sample]) }
    if let doubles = unsafe doubles { return unsafe doubles[sample] }
    return 1
  }
}

/// Predictions of classes beside the true ones, one target after the other.
@safe package struct ClassPredictions {
  /// The number of targets.
  package let count: Int
  /// The number of values that belong to each target.
  package let classes: Int
  /// What the values are, and how they become a class.
  let decision: Decision
  /// The sum of the losses.
  let nats: Double
  /// The bytes of each token; empty where the classes are none.
  private let tokenBytes: [Int]
  private let values: UnsafePointer<Float>
  private let labels: UnsafePointer<Int32>
  private let weights: SampleWeights
  /// The targets of a sample.
  private let size: Int

  /// A label of -1 is ignored; a sample with its weight has `size` targets.
  package init(
    _ values: UnsafePointer<Float>, _ labels: UnsafePointer<Int32>, count: Int, classes: Int,
    by decision: Decision = Decision(.scores), weights: SampleWeights = .equal, size: Int = 1,
    nats: Double = 0, tokenBytes: [Int] = []
  ) {
    unsafe self.values = values
    unsafe self.labels = labels
    self.count = count
    self.classes = classes
    self.decision = decision
    self.weights = weights
    self.size = size
    self.nats = nats
    self.tokenBytes = tokenBytes
  }

  /// The number of targets that are not ignored.
  package var counted: Int { (0..<count).count(where: isCounted) }

  /// The bytes of all targets that are tokens.
  var byteCount: Int {
    (0..<count).reduce(0) { $0 + (isCounted($1) ? tokenBytes[label($1)] : 0) }
  }

  package func isCounted(_ target: Int) -> Bool { unsafe labels[target] >= 0 }
  package func label(_ target: Int) -> Int { unsafe Int(labels[target]) }
  func weight(_ target: Int) -> Double { weights[target / size] }

  /// The class that is chosen.
  package func choice(_ target: Int) -> Int {
    unsafe decision.choice(values + target * classes, classes)
  }

  /// Whether the true class is among this many with the greatest values; of equal values the first
  /// is the greater.
  func isAmong(_ greatest: Int, _ target: Int) -> Bool {
    let (values, label) = unsafe (values + target * classes, label(target))
    var ahead = 0
    // NaN is ahead of all, and all are ahead of NaN.
    for i in 0..<label where unsafe !(values[i] < values[label]) { ahead += 1 }
    for i in label + 1..<max(classes, label + 1) where unsafe !(values[i] <= values[label]) {
      ahead += 1
    }
    return ahead < greatest
  }

  // MARK: Probabilities

  /// The probability of the true class.
  func probabilityOfLabel(_ target: Int) -> Double {
    let values = unsafe values + target * classes
    let shift = unsafe decision.form.shift(values, classes)
    return unsafe decision.form.probability(values[label(target)], shift)
  }

  /// The greatest probability, and whether it is that of the true class.
  func confidence(_ target: Int) -> (probability: Double, isRight: Bool) {
    let values = unsafe values + target * classes
    let best = unsafe argmax(values, classes)
    let shift = unsafe decision.form.shift(values, classes)
    return unsafe (decision.form.probability(values[best], shift), best == label(target))
  }

  /// The sum over classes of the squared distances of probabilities from 1 or 0.
  func squaredDistance(_ target: Int) -> Double {
    let values = unsafe values + target * classes
    let shift = unsafe decision.form.shift(values, classes)
    var sum = 0.0
    for i in 0..<classes {
      let probability = unsafe decision.form.probability(values[i], shift)
      let distance = probability - (i == label(target) ? 1 : 0)
      sum += distance * distance
    }
    return sum
  }
}

/// Predictions of real numbers beside the true ones, sample after sample.
@safe package struct ValuePredictions {
  package let samples: Int
  /// The number of targets of a sample, and of those along their last axis.
  package let size: Int
  package let width: Int
  /// Whether some targets may be NaN, which is ignored.
  package let ignoresSome: Bool
  /// For each target of a sample, the factor of its squared error in R².
  let factors: [Double]
  private let values: UnsafePointer<Float>
  private let truth: UnsafePointer<Float>
  private let weights: SampleWeights

  package init(
    _ values: UnsafePointer<Float>, _ truth: UnsafePointer<Float>, samples: Int, size: Int,
    width: Int, ignoresSome: Bool, factors: [Double], weights: SampleWeights = .equal
  ) {
    unsafe self.values = values
    unsafe self.truth = truth
    self.samples = samples
    self.size = size
    self.width = width
    self.ignoresSome = ignoresSome
    self.factors = factors
    self.weights = weights
  }

  package func targets(of sample: Int) -> Range<Int> { sample * size..<(sample + 1) * size }
  package func isCounted(_ target: Int) -> Bool { unsafe !truth[target].isNaN }
  func truth(_ target: Int) -> Double { unsafe Double(truth[target]) }
  func error(_ target: Int) -> Double { unsafe Double(values[target]) - Double(truth[target]) }
  func weight(ofSample sample: Int) -> Double { weights[sample] }

  // MARK: Labels: targets of 0 or 1, and their probabilities

  func probability(_ target: Int) -> Double { unsafe Double(values[target]) }

  /// Whether a label is predicted, and whether it is true.
  func decision(_ target: Int) -> (isPredicted: Bool, isThere: Bool) {
    unsafe (values[target] > 0.5, truth[target] > 0.5)
  }

  // MARK: Rows: the targets along the last axis

  var rows: Int { samples * size / width }

  func weight(ofRow row: Int) -> Double { weights[row * width / size] }

  func isWholeRow(_ row: Int) -> Bool { (row * width..<(row + 1) * width).allSatisfy(isCounted) }

  /// Whether the greatest value is that of the greatest target; a single one is right within 0.5.
  func isRight(_ row: Int) -> Bool {
    let (values, truth) = unsafe (values + row * width, truth + row * width)
    return unsafe width > 1
      ? argmax(values, width) == argmax(truth, width) : abs(values[0] - truth[0]) < 0.5
  }
}

/// The place of the greatest number, the first of equals.
package func argmax(_ values: UnsafePointer<Float>, _ count: Int) -> Int {
  var best = 0
  for i in 1..<max(1, count) where unsafe values[i] > values[best] { best = i }
  return best
}
