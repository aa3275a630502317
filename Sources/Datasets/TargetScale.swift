/// What a real target is standardised by where a loss compares it: the training set then has mean 0
/// and deviation 1.
///
/// Targets in files, in caches and in memory keep their own unit, and so do predictions and
/// metrics.
package struct TargetScale: Equatable, Sendable {
  package let mean: Double
  package let deviation: Double

  package init(mean: Double, deviation: Double) {
    self.mean = mean
    self.deviation = deviation
  }
}

extension DataConfiguration {
  /// The scales of the targets of a training set; those of a trained network are given with it.
  ///
  /// Windows of series have standardised columns as targets, and the targets that a configuration
  /// lists or the program draws are taken as they are.
  func targetScales(of training: Dataset, as known: KnownCoding?) -> [TargetScale] {
    if let known, known.fixesTargets { return known.coding.targetScales }
    guard standardisesTargets, training.columns?.window == nil,
      training.targets.shape.count <= 1
    else { return [] }
    return training.targetStatistics().map { target in
      let deviation = target.variance.squareRoot()
      return TargetScale(mean: target.mean, deviation: deviation > 0 ? deviation : 1)
    }
  }
}

extension Dataset {
  /// What is known of one real target over the samples in which it counts.
  package struct TargetStatistics: Sendable {
    package let mean: Double
    package let variance: Double
    /// The number of these samples, or the sum of their weights.
    package let counting: Double
  }

  /// The statistics of each real target, in Double and in the order of samples; empty of others.
  ///
  /// `weights` are those of the samples; nil: all count the same.
  package func targetStatistics(weighted weights: [Float]? = nil) -> [TargetStatistics] {
    guard case .values = targets else { return [] }
    let width = targets.perSample
    var numbers = [Float](repeating: 0, count: count * width)
    unsafe numbers.withUnsafeMutableBytes {
      unsafe copy(targets: Array(0..<Int32(count))[...], into: $0)
    }
    func weight(_ place: Int) -> Double { weights.map { Double($0[place / width]) } ?? 1 }
    var counting = [Double](repeating: 0, count: width)
    for (place, number) in numbers.enumerated() where !number.isNaN {
      counting[place % width] += weight(place)
    }
    func means(_ term: (Int, Double) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: width)
      for (place, number) in numbers.enumerated() where !number.isNaN {
        sums[place % width] += weight(place) * term(place % width, Double(number))
      }
      return zip(sums, counting).map { $1 > 0 ? $0 / $1 : 0 }
    }
    let centres = means { $1 }
    let variances = means { ($1 - centres[$0]) * ($1 - centres[$0]) }
    return counting.indices.map {
      TargetStatistics(mean: centres[$0], variance: variances[$0], counting: counting[$0])
    }
  }
}
