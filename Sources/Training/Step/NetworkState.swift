package import Execution
package import Graphs
internal import Networks
internal import Optimizers

/// The weights and moments of one network.
///
/// Elements count from its first one.
@safe package final class NetworkState {
  package let count: Int
  /// How many elements are trained and have moments; they are the first ones.
  package let trainedCount: Int
  /// Call `weightsWereUpdated` after changing them.
  let weights: UnsafeMutablePointer<Float>
  /// The elements that this rank updates.
  package let slice: Range<Int>
  /// The optimizer's moments of the trained elements in the slice.
  package let moments: [(name: String, values: UnsafeMutableBufferPointer<Float>)]
  package let layout: TensorLayout
  /// The weights as this network's programs read them; they may read other networks, too.
  package let vector: ParameterVector
  /// The elements that steps change, as the fewest ranges.
  private let changing: [Range<Int>]

  /// A network in memory that `ModelState` owns.
  init(
    _ group: ParameterGroup, slice: Range<Int>, in vector: ParameterVector,
    moments start: UnsafeMutableRawPointer
  ) {
    count = group.layout.count
    trainedCount = group.trained.count
    layout = group.layout
    self.vector = vector
    unsafe weights = vector.start
    self.slice = slice
    let size = slice.clamped(to: 0..<trainedCount).count
    unsafe moments = group.optimizer.moments.enumerated().map { index, name in
      let first = unsafe start + index * ModelState.pages(size)
      return unsafe (
        name,
        UnsafeMutableBufferPointer(
          start: first.bindMemory(to: Float.self, capacity: size), count: size)
      )
    }
    changing = zip(group.parameters, layout.tensors).reduce(into: []) { ranges, next in
      let (parameter, tensor) = next
      // Constraints change frozen weights, too.
      if parameter.updateKind == .frozen, parameter.constraint == nil { return }
      if let last = ranges.last, last.upperBound == tensor.range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<tensor.range.upperBound
      } else {
        ranges.append(tensor.range)
      }
    }
  }

  /// Marks the weights that a step changes for packing.
  func weightsWereUpdated() {
    for range in changing { vector.weightsChanged(range) }
  }

  /// The bytes of the moments of a slice.
  static func momentBytes(_ group: ParameterGroup, slice: Range<Int>) -> Int {
    let size = slice.clamped(to: 0..<group.trained.count).count
    return group.optimizer.moments.count * ModelState.pages(size)
  }

  /// The name of the parameter that an element belongs to.
  package func parameter(at element: Int) -> String {
    layout.tensor(at: element)?.name ?? "element \(element)"
  }
}
