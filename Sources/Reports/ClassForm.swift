internal import Elementary

/// What the numbers of a network for the classes of a target are.
package enum ClassForm: Sendable {
  case probabilities
  /// Softmax makes probabilities of them.
  case logits
  /// The sigmoid makes a probability of each.
  case logOdds
  /// Numbers of which the greatest tells the class, and no more.
  case scores

  package var givesProbabilities: Bool { self != .scores }

  /// What turns the numbers of one target into probabilities: `exp(x - shift)`, for logits.
  func shift(_ values: UnsafePointer<Float>, _ classes: Int) -> Double {
    guard self == .logits else { return 0 }
    var greatest = -Double.infinity
    for i in 0..<classes { unsafe greatest = max(greatest, Double(values[i])) }
    var sum = 0.0
    for i in 0..<classes { unsafe sum += Double.exp(Double(values[i]) - greatest) }
    return greatest + Double.log(sum)
  }

  /// The probability, or the score, that a number stands for.
  func probability(_ value: Float, _ shift: Double) -> Double {
    switch self {
    case .probabilities, .scores: Double(value)
    case .logits: Double.exp(Double(value) - shift)
    case .logOdds: Double.sigmoid(Double(value))
    }
  }

  /// The probability or score to rank by: of 40 bits, so that what differs by the rounding errors
  /// of a softmax is a tie.
  func rank(_ value: Float, _ shift: Double) -> Double {
    let probability = probability(value, shift)
    guard self == .logits || self == .logOdds else { return probability }
    let unit = probability.ulp * 0x1p13
    return (probability / unit).rounded(.toNearestOrEven) * unit
  }
}

/// How the numbers of a network become a class.
package struct Decision: Sendable {
  package let form: ClassForm
  /// Of two classes, the second is chosen where its probability is above this; nil: the class with
  /// the greatest number.
  package let threshold: Double?

  package init(_ form: ClassForm, threshold: Double? = nil) {
    self.form = form
    self.threshold = threshold
  }

  /// The chosen class; without a threshold the first of equals.
  package func choice(_ values: UnsafePointer<Float>, _ classes: Int) -> Int {
    guard let threshold, classes == 2 else { return unsafe argmax(values, classes) }
    let shift = unsafe form.shift(values, classes)
    return unsafe form.probability(values[1], shift) > threshold ? 1 : 0
  }

  /// The probability, or the score, of a class.
  package func probability(
    of choice: Int, _ values: UnsafePointer<Float>, _ classes: Int
  ) -> Double {
    let shift = unsafe form.shift(values, classes)
    return unsafe form.probability(values[choice], shift)
  }

  /// The chosen class of one sample's answers.
  package func choice(_ answers: ArraySlice<Float>) -> Int {
    unsafe answers.withUnsafeBufferPointer { numbers in
      guard let start = numbers.baseAddress else { return 0 }
      return unsafe choice(start, numbers.count)
    }
  }
}
