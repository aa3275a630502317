internal import Graphs
internal import Networks
internal import Training

extension Learner {
  /// The place of each layer's weights, and the number of their rows.
  var weightPlaces: [(range: Range<Int>, rows: Int)] {
    zip(network.parameters, state.parameters).compactMap { parameter, place in
      parameter.shape.rank < 2 ? nil : (place.range, parameter.shape[0])
    }
  }

  func values(_ range: Range<Int>) -> [Float] { range.map { unsafe state.weights[$0] } }

  func rows(_ place: (range: Range<Int>, rows: Int)) -> [[Float]] {
    let size = place.range.count / place.rows
    return (0..<place.rows).map {
      values(place.range.lowerBound + $0 * size..<place.range.lowerBound + ($0 + 1) * size)
    }
  }

  func write(_ numbers: [Float], at range: Range<Int>) {
    unsafe state.changeWeights { weights in
      for (place, number) in zip(range, numbers) { unsafe weights[place] = number }
    }
  }
}
