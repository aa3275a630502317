package import Communication
package import Diagnostics
package import Execution
package import Graphs
internal import Kernels
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
  package var vector: ParameterVector { vectors.all }
  let vectors: ParameterVectors
  package let layout: TensorLayout
  package let networks: [NetworkState]
  private let cycle: Cycle
  private let arena: Arena

  /// Weights as their initialisers make them, moments of zeros in the slice of each network.
  ///
  /// Without slices there are weights alone.
  package init(_ experiment: Experiment, slices: [Range<Int>] = []) throws(Failure) {
    let learners = experiment.learners
    let layout = experiment.layout
    self.layout = layout
    cycle = experiment.design.cycle
    count = layout.count
    arena = try Arena(byteCount: ModelState.byteCount(learners, slices: slices))
    let start = unsafe arena.start.bindMemory(to: Float.self, capacity: count)
    let vectors = unsafe experiment.design.vectors(at: start)
    self.vectors = vectors
    unsafe weights = UnsafePointer(start)
    var moments = unsafe arena.start + ModelState.pages(count)
    networks = zip(learners, vectors.networks).map { learner, vector in
      let slice = slices.isEmpty ? 0..<0 : slices[learner.number]
      let state = unsafe NetworkState(
        learner, slice: slice, in: vector, moments: moments)
      unsafe moments += NetworkState.momentBytes(learner, slice: slice)
      return state
    }
    for (parameter, tensor) in zip(learners.flatMap(\.parameters), layout.tensors) {
      unsafe parameter.initialise(
        UnsafeMutableBufferPointer(start: start + tensor.offset, count: tensor.count),
        seed: experiment.configuration.seed)
    }
  }

  /// Has weights written, which programs then pack before they read them again.
  package func changeWeights<Problem: Error>(
    _ write: (UnsafeMutableBufferPointer<Float>) throws(Problem) -> Void
  ) throws(Problem) {
    defer { vector.weightsChanged() }
    try unsafe write(UnsafeMutableBufferPointer(start: vector.start, count: count))
  }

  package var parameters: [TensorLayout.Tensor] { layout.tensors }
  package var byteCount: Int { arena.byteCount }

  /// What the state of a rank takes that owns these slices.
  static func byteCount(_ learners: [Learner], slices: [Range<Int>]) -> Int {
    let weights = learners.last?.elements.upperBound ?? 0
    return zip(learners, slices).reduce(pages(weights)) {
      $0 + NetworkState.momentBytes($1.0, slice: $1.1)
    }
  }

  /// The bytes of floats in whole pages.
  static func pages(_ count: Int) -> Int { (4 * count + 4095) / 4096 * 4096 }

  /// How often a network has been updated.
  package func updates(of network: Int) -> Int { cycle.updates(of: network, after: step) }
}

/// Every rank holds all weights, and all hold the same: what a fault of memory or of a transfer changes
/// shows as another digest.
extension ModelState {
  /// Of all weights.
  var digest: Digest { digest(of: 0..<count) }

  /// Refuses weights of which ranks hold different ones, with the first parameter in which they do.
  package func compareReplicas(on communicator: Communicator) throws(Failure) {
    try communicator.handshake(
      parameters.map {
        ("weights of \($0.name) after step \(step)", digest(of: $0.range).description)
      }, else: .internalError,
      remedy: "a replica is damaged: do not trust the memory of that host, and run elsewhere")
  }

  private func digest(of range: Range<Int>) -> Digest {
    unsafe Digest(
      UnsafeRawBufferPointer(start: weights + range.lowerBound, count: 4 * range.count))
  }
}

/// The parameters of a run in one vector, as programs of all networks and of each see them; packed
/// once for all.
struct ParameterVectors {
  let all: ParameterVector
  let networks: [ParameterVector]
}

extension Design {
  /// The vectors of weights that begin at an address.
  func vectors(at start: UnsafeMutablePointer<Float>) -> ParameterVectors {
    let packed = PackedWeights()
    return unsafe ParameterVectors(
      all: ParameterVector(start: start, layout: layout, packed: packed),
      networks: learners.map {
        unsafe ParameterVector(start: start, layout: layout, own: $0.elements, packed: packed)
      })
  }
}
