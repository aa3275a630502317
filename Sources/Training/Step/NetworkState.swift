package import Execution
package import Graphs
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
  package let layout: TensorLayout
  /// For programs whose gradients are those of this network; they may read the others, too.
  package let vector: ParameterVector
  /// The elements that steps change, in neighbouring ranges.
  private let changing: [Range<Int>]

  /// A network in memory that others own, which holds the weights of all networks.
  init(
    _ learner: Learner, slice: Range<Int>, in vector: ParameterVector,
    moments start: UnsafeMutableRawPointer
  ) {
    count = learner.layout.count
    trainedCount = learner.trained.count
    layout = learner.layout
    self.vector = vector
    unsafe weights = vector.start
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
    changing = zip(learner.parameters, layout.tensors).reduce(into: []) { ranges, next in
      let (parameter, tensor) = next
      // A constraint brings back frozen weights, too.
      if parameter.treatment == .frozen, parameter.constraint == nil { return }
      if let last = ranges.last, last.upperBound == tensor.range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<tensor.range.upperBound
      } else {
        ranges.append(tensor.range)
      }
    }
  }

  /// Says that a step has changed all weights that are not frozen.
  func weightsWereUpdated() {
    for range in changing { vector.weightsChanged(range) }
  }

  /// What the moments of a slice take.
  static func momentBytes(_ learner: Learner, slice: Range<Int>) -> Int {
    let size = slice.clamped(to: 0..<learner.trained.count).count
    return learner.optimizer.moments.count * ModelState.pages(size)
  }

  /// The parameter that an element belongs to.
  package func parameter(at element: Int) -> String {
    layout.tensor(at: element)?.name ?? "element \(element)"
  }
}
