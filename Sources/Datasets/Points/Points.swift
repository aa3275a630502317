internal import Elementary
internal import Randomness

/// Points of distributions that are known exactly, drawn on the spot: to see whether what learns to
/// imitate them does.
///
/// Sample i of a split is a function of (split, i), the same in every run.
package enum Points: String, CaseIterable, Sendable {
  /// Eight normal distributions of deviation 0.02 √½ on a circle of radius √2, each a class.
  case gaussians8
  /// Twenty-five of deviation 0.05 / √8 on a grid of five by five, √½ apart, each a class.
  case gaussians25
  /// A spiral, a little blurred; the real target is the angle.
  case swissroll
  /// One number of mean 4 and deviation 1.25; all are of one class.
  case gaussian1d

  package static let defaultSizes = (training: 50_000, test: 10_000)

  package var width: Int { self == .gaussian1d ? 1 : 2 }

  /// How many classes there are; nil where the target is a real number.
  var classes: Int? {
    switch self {
    case .gaussians8: 8
    case .gaussians25: 25
    case .swissroll: nil
    case .gaussian1d: 1
    }
  }

  /// The centres of the distributions that points are drawn from, and their deviation.
  package var modes: (centres: [[Double]], deviation: Double) {
    let root = Double(2).squareRoot()
    switch self {
    case .gaussians8:
      let angles = (0..<8).map { Double($0) * .pi / 4 }
      return (
        angles.map { [root * Double.cos($0), root * Double.sin($0)] }, 0.02 / root
      )
    case .gaussians25:
      let places = (-2...2).map { Double($0) / root }
      return (places.flatMap { x in places.map { [x, $0] } }, 0.05 / (2 * root))
    case .swissroll: return ([[0, 0]], 0.25 / 7.5)
    case .gaussian1d: return ([[4]], 1.25)
    }
  }

  /// Both splits.
  func datasets(training: Int, test: Int) -> (training: Dataset, test: Dataset) {
    let first = dataset(split: 0, count: training)
    return (first, dataset(split: 1, count: test, normalisation: first.normalisation))
  }

  private func dataset(
    split: UInt16, count: Int, normalisation: Normalisation? = nil
  ) -> Dataset {
    let stream = RandomStream(seed: 0, purpose: .points, unit: split)
    let angleStream = RandomStream(seed: 0, purpose: .points, unit: split + 2)
    let (centres, deviation) = modes
    var numbers: [Float] = []
    numbers.reserveCapacity(count * width)
    var angles: [Float] = []
    for i in 0..<count {
      var centre = centres[i % centres.count]
      if self == .swissroll {
        let angle = 1.5 * .pi * (1 + 2 * angleStream.uniformDouble(at: i))
        centre = [angle * Double.cos(angle) / 7.5, angle * Double.sin(angle) / 7.5]
        angles.append(Float(angle))
      }
      for (axis, place) in centre.enumerated() {
        numbers.append(Float(place + deviation * Double(stream.normal(at: 2 * i + axis))))
      }
    }
    let targets =
      classes.map { classes in
        Dataset.Targets.classes(
          (0..<count).map { Int32($0 % classes) }, names: (0..<classes).map(String.init))
      } ?? .values(angles, shape: [1])
    return Dataset(
      shape: [width], elements: .floats(numbers), targets: targets, normalisation: normalisation)
  }
}
