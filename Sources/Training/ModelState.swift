internal import Communication
package import Diagnostics
package import Execution
internal import Networks
internal import Optimizers

/// What training changes: all weights, and this rank's slice of the optimiser's moments.
@safe package final class ModelState {
  /// Updates made so far.
  package var step = 0
  package let count: Int
  /// How many of them, from the first on, follow a gradient and so have moments.
  package let trainedCount: Int
  package let weights: UnsafeMutablePointer<Float>
  /// The elements that this rank updates.
  package let slice: Range<Int>
  /// For each moment of the optimiser, a vector of the trained elements of the slice.
  package let moments: [(name: String, values: UnsafeMutableBufferPointer<Float>)]
  /// Where each parameter stands among the weights.
  package let vector: ParameterVector
  package let parameters: [(name: String, range: Range<Int>)]
  private let arena: Arena

  /// Weights as their initialisers make them, moments of zeros.
  package init(
    _ experiment: Experiment, slice: Range<Int>
  ) throws(Failure) {
    let network = experiment.network
    let names = experiment.configuration.optimizer.moments
    count = network.parameterCount
    let trainedCount = network.trainedCount
    self.trainedCount = trainedCount
    self.slice = slice
    let trained = slice.clamped(to: 0..<trainedCount)
    let (weightBytes, sliceBytes) = (ModelState.pages(count), ModelState.pages(trained.count))
    arena = try Arena(
      byteCount: ModelState.byteCount(network, slice: slice, moments: names.count))
    unsafe weights = arena.start.bindMemory(to: Float.self, capacity: count)
    let first = unsafe arena.start + weightBytes
    unsafe moments = names.enumerated().map { index, name in
      let start = unsafe (first + index * sliceBytes).bindMemory(
        to: Float.self, capacity: trained.count)
      return unsafe (name, UnsafeMutableBufferPointer(start: start, count: trained.count))
    }
    parameters = network.places
    for (parameter, (_, range)) in zip(network.parameters, parameters) {
      unsafe parameter.initialise(
        UnsafeMutableBufferPointer(start: weights + range.lowerBound, count: range.count),
        seed: experiment.configuration.seed)
    }
    vector = unsafe ParameterVector(
      start: weights, count: count, offsets: parameters.map { ($0.name, $0.range.lowerBound) })
  }

  package var byteCount: Int { arena.byteCount }

  /// What the state of a rank takes that owns this slice.
  static func byteCount(_ network: Network, slice: Range<Int>, moments: Int) -> Int {
    pages(network.parameterCount)
      + moments * pages(slice.clamped(to: 0..<network.trainedCount).count)
  }

  /// The bytes of floats in whole pages.
  private static func pages(_ count: Int) -> Int { (4 * count + 4095) / 4096 * 4096 }

  /// The parameter that an element of the weights belongs to.
  package func parameter(at element: Int) -> String {
    parameters.first { $0.range.contains(element) }?.name ?? "element \(element)"
  }
}

extension Network {
  /// Where each parameter stands, one after the other.
  var places: [(name: String, range: Range<Int>)] {
    var end = 0
    return parameters.map { parameter in
      defer { end += parameter.count }
      return (parameter.name, end..<end + parameter.count)
    }
  }
}
