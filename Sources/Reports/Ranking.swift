/// Targets in the order of falling scores, to tell how well these separate the true from the
/// others.
package struct Ranking: Sendable {
  /// For each target its sample, whether it is true, and whether the next score is lower.
  private let samples: [Int32]
  private let isTrue: [Bool]
  private let endsTie: [Bool]

  /// A score that is no number is the lowest.
  package init(_ scores: [(score: Double, sample: Int32, isTrue: Bool)]) {
    let keys = scores.map { $0.score.isNaN ? -Double.infinity : $0.score }
    var order = Array(scores.indices)
    order.sort { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
    samples = order.map { scores[$0].sample }
    isTrue = order.map { scores[$0].isTrue }
    endsTie = order.indices.map {
      $0 + 1 == order.count || keys[order[$0]] != keys[order[$0 + 1]]
    }
  }

  /// The areas under two curves.
  package struct Areas: Equatable, Sendable {
    /// Of the true targets found over the others taken for such, as the least score of what is
    /// taken falls; nil where all targets are true, or none is.
    package let receiver: Double?
    /// The average precision: that at each score, weighted by what is found there; 0 without true
    /// targets.
    package let precision: Double
    /// The weight of all true targets.
    package let positives: Double
  }

  /// The areas, given the weight of each sample.
  package func areas(_ weights: [Double]) -> Areas {
    // Found and taken for such up to the last tie, and within this one.
    var (found, taken, area, precision) = (0.0, 0.0, 0.0, 0.0)
    var (newFound, newTaken) = (0.0, 0.0)
    for place in samples.indices {
      let weight = weights[Int(samples[place])]
      if isTrue[place] { newFound += weight } else { newTaken += weight }
      guard endsTie[place] else { continue }
      area += newTaken * (found + newFound / 2)
      found += newFound
      taken += newTaken
      if newFound > 0 { precision += newFound * (found / (found + taken)) }
      (newFound, newTaken) = (0, 0)
    }
    return Areas(
      receiver: found > 0 && taken > 0 ? area / (found * taken) : nil,
      precision: found > 0 ? precision / found : 0, positives: found)
  }
}

/// Numbers in rising order.
struct SortedNumbers: Sendable {
  private let numbers: [Double]
  private let samples: [Int32]

  init(_ numbers: [(number: Double, sample: Int32)]) {
    let sorted = numbers.sorted {
      $0.number != $1.number ? $0.number < $1.number : $0.sample < $1.sample
    }
    self.numbers = sorted.map(\.number)
    samples = sorted.map(\.sample)
  }

  /// The median, given the weight of each sample: the mean of two numbers if each half of the
  /// weight has one of them; nil without weight.
  func median(_ weights: [Double]) -> Double? {
    let total = samples.reduce(0) { $0 + weights[Int($1)] }
    guard total > 0 else { return nil }
    var sum = 0.0
    var lower: Double?
    for (place, sample) in samples.enumerated() where weights[Int(sample)] > 0 {
      if let lower { return (lower + numbers[place]) / 2 }
      sum += weights[Int(sample)]
      guard sum >= total / 2 else { continue }
      guard sum - total / 2 <= Double.ulpOfOne else { return numbers[place] }
      lower = numbers[place]
    }
    return lower
  }
}
