internal import Elementary
internal import Randomness

/// Points of distributions that are known exactly, for generative networks.
package enum Points: String, CaseIterable, Sendable {
  /// Eight normal distributions of deviation 0.02 √½ on a circle of radius √2, each a class.
  case gaussians8
  /// Twenty-five of deviation 0.05 / √8 on a grid of five by five, √½ apart, each a class.
  case gaussians25
  /// A noisy spiral; the real target is the angle.
  case swissroll
  /// A normal distribution of mean 4 and deviation 1.25, in one class.
  case gaussian1d

  fileprivate var width: Int { self == .gaussian1d ? 1 : 2 }

  /// The number of classes; nil where the target is a real number.
  fileprivate var classes: Int? {
    switch self {
    case .gaussians8: 8
    case .gaussians25: 25
    case .swissroll: nil
    case .gaussian1d: 1
    }
  }

  /// The means and the deviation of the distributions.
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

  fileprivate func dataset(
    _ split: DrawnDataset.Split, count: Int, normalisation: Normalisation?
  ) -> Dataset {
    let stream = RandomStream(seed: 0, purpose: .points, unit: split.rawValue)
    let angleStream = RandomStream(seed: 0, purpose: .points, unit: split.rawValue + 2)
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

extension DrawnDataset {
  init(_ points: Points) {
    self.init(
      points.rawValue, defaultSizes: (50_000, 10_000), shape: [points.width], .float32,
      points.classes.map { .classes($0) } ?? .values(shape: [1])
    ) { points.dataset($0, count: $1, normalisation: $2) }
  }
}
