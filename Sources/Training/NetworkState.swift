package import Execution
internal import Networks
internal import Optimizers

/// What training changes of one network; elements count from its own first one.
@safe package final class NetworkState {
  package let count: Int
  /// How many of them, from the first on, follow a gradient and so have moments.
  package let trainedCount: Int
  /// `weightsWereUpdated` belongs after a change of them.
  let weights: UnsafeMutablePointer<Float>
  /// The elements that this rank updates.
  package let slice: Range<Int>
  /// For each moment of the optimiser, a vector of the trained elements of the slice.
  package let moments: [(name: String, values: UnsafeMutableBufferPointer<Float>)]
  package let parameters: [(name: String, range: Range<Int>)]
  /// For programs whose gradients are those of this network; they may read the others, too.
  package let vector: ParameterVector
  /// The elements that steps change, in neighbouring ranges.
  private let changing: [Range<Int>]

  /// A network in memory that others own; `places` are those of the parameters of all networks,
  /// counted from the first element of this one.
  init(
    _ learner: Learner, slice: Range<Int>, weights: UnsafeMutablePointer<Float>,
    moments start: UnsafeMutableRawPointer, places: [(name: String, offset: Int)],
    packed: PackedWeights
  ) {
    count = learner.parameters.elementCount
    trainedCount = learner.parameters.trained.elementCount
    parameters = learner.parameters.places
    unsafe self.weights = weights
    self.slice = slice
    let size = slice.clamped(to: 0..<trainedCount).count
    unsafe moments = learner.optimizer.moments.enumerated().map { index, name in
      let first = unsafe start + index * ModelState.pages(size)
      return unsafe (
        name,
        UnsafeMutableBufferPointer(
          start: first.bindMemory(to: Float.self, capacity: size), count: size)
      )
    }
    vector = unsafe ParameterVector(
      start: weights, count: count, offsets: places, packed: packed)
    changing = zip(learner.parameters, parameters).reduce(into: []) { ranges, next in
      let (parameter, place) = next
      // A constraint brings back frozen weights, too.
      if parameter.treatment == .frozen, parameter.constraint == nil { return }
      if let last = ranges.last, last.upperBound == place.range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<place.range.upperBound
      } else {
        ranges.append(place.range)
      }
    }
  }

  /// Says that a step has changed all weights that are not frozen.
  func weightsWereUpdated() {
    for range in changing { vector.weightsChanged(range) }
  }

  /// What the moments of a slice take.
  static func momentBytes(_ learner: Learner, slice: Range<Int>) -> Int {
    let size = slice.clamped(to: 0..<learner.parameters.trained.elementCount).count
    return learner.optimizer.moments.count * ModelState.pages(size)
  }

  /// The parameter that an element belongs to.
  package func parameter(at element: Int) -> String {
    parameters.first { $0.range.contains(element) }?.name ?? "element \(element)"
  }
}
