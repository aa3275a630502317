internal import Communication
package import Diagnostics
package import Execution
internal import Networks
internal import Optimizers

/// What training changes: all weights, and this rank's slices of the optimisers' moments.
@safe package final class ModelState {
  /// Updates made so far.
  package var step = 0
  package let count: Int
  /// Those of one network after the other; `changeWeights` writes them.
  package let weights: UnsafePointer<Float>
  /// Where each parameter stands among the weights.
  package let vector: ParameterVector
  package let parameters: [(name: String, range: Range<Int>)]
  package let networks: [NetworkState]
  private let cycle: Cycle
  private let arena: Arena

  /// Weights as their initialisers make them, moments of zeros in the slice of each network.
  ///
  /// Without slices there are weights alone.
  package init(_ experiment: Experiment, slices: [Range<Int>] = []) throws(Failure) {
    let learners = experiment.learners
    let all = learners.flatMap(\.parameters)
    cycle = experiment.design.cycle
    count = all.elementCount
    let places = all.places
    parameters = places
    arena = try Arena(byteCount: ModelState.byteCount(learners, slices: slices))
    let start = unsafe arena.start.bindMemory(to: Float.self, capacity: count)
    unsafe weights = UnsafePointer(start)
    let packed = PackedWeights()
    var moments = unsafe arena.start + ModelState.pages(count)
    var first = 0
    networks = learners.map { learner in
      let slice = slices.isEmpty ? 0..<0 : slices[learner.number]
      let state = unsafe NetworkState(
        learner, slice: slice, weights: start + first, moments: moments,
        places: places.map { ($0.name, $0.range.lowerBound - first) }, packed: packed)
      unsafe moments += NetworkState.momentBytes(learner, slice: slice)
      first += state.count
      return state
    }
    for (parameter, (_, range)) in zip(all, parameters) {
      unsafe parameter.initialise(
        UnsafeMutableBufferPointer(start: start + range.lowerBound, count: range.count),
        seed: experiment.configuration.seed)
    }
    vector = unsafe ParameterVector(
      start: start, count: count, offsets: parameters.map { ($0.name, $0.range.lowerBound) },
      packed: packed)
  }

  /// Has weights written, which programs then pack before they read them again.
  package func changeWeights<Problem: Error>(
    _ write: (UnsafeMutableBufferPointer<Float>) throws(Problem) -> Void
  ) throws(Problem) {
    defer { vector.weightsChanged() }
    try unsafe write(UnsafeMutableBufferPointer(start: vector.start, count: count))
  }

  package var byteCount: Int { arena.byteCount }

  /// What the state of a rank takes that owns these slices.
  static func byteCount(_ learners: [Learner], slices: [Range<Int>]) -> Int {
    let weights = learners.reduce(0) { $0 + $1.parameters.elementCount }
    return zip(learners, slices).reduce(pages(weights)) {
      $0 + NetworkState.momentBytes($1.0, slice: $1.1)
    }
  }

  /// The bytes of floats in whole pages.
  static func pages(_ count: Int) -> Int { (4 * count + 4095) / 4096 * 4096 }

  /// How often a network has been updated.
  package func updates(of network: Int) -> Int { cycle.updates(of: network, after: step) }
}
