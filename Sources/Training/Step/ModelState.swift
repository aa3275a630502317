package import Communication
package import Diagnostics
package import Execution
package import Graphs
internal import Kernels
internal import Networks
internal import Optimizers

/// The state that training changes: all weights, and this rank's slices of the moments.
@safe package final class ModelState {
  /// The number of updates so far, of all networks together.
  package var step = 0
  package let count: Int
  /// The weights of one network after the other; `changeWeights` writes them.
  package let weights: UnsafePointer<Float>
  /// All weights as programs read them.
  package var vector: ParameterVector { vectors.all }
  let vectors: ParameterVectors
  package let layout: TensorLayout
  package let networks: [NetworkState]
  /// The states that layers carry to the next batch: on every rank whole, but only the rows of its
  /// own positions are right.
  package let carried: CarriedRows?
  private let cycle: Cycle
  private let arena: Arena

  /// Initialises weights, and sets the moments in the slice of each network to zero.
  ///
  /// Without slices there are no moments and no carried states.
  package init(_ experiment: Experiment, slices: [Range<Int>] = []) throws(Failure) {
    let parameterGroups = experiment.parameterGroups
    let layout = experiment.layout
    self.layout = layout
    let states = experiment.compiled.states
    carried =
      slices.isEmpty || states.isEmpty
      ? nil : try CarriedRows(states, rows: experiment.configuration.layout.batch)
    cycle = experiment.compiled.cycle
    count = layout.count
    arena = try Arena(byteCount: ModelState.byteCount(parameterGroups, slices: slices))
    let start = unsafe arena.start.bindMemory(to: Float.self, capacity: count)
    let vectors = unsafe experiment.compiled.vectors(at: start)
    self.vectors = vectors
    unsafe weights = UnsafePointer(start)
    var moments = unsafe arena.start + ModelState.pages(count)
    networks = zip(parameterGroups, vectors.networks).map { group, vector in
      let slice = slices.isEmpty ? 0..<0 : slices[group.number]
      let state = unsafe NetworkState(
        group, slice: slice, in: vector, moments: moments)
      unsafe moments += NetworkState.momentBytes(group, slice: slice)
      return state
    }
    for (parameter, tensor) in zip(parameterGroups.flatMap(\.parameters), layout.tensors) {
      unsafe parameter.initialise(
        UnsafeMutableBufferPointer(start: start + tensor.offset, count: tensor.count),
        seed: experiment.configuration.seed)
    }
  }

  /// Lets `write` change weights, and marks them all for packing.
  package func changeWeights<Problem: Error>(
    _ write: (UnsafeMutableBufferPointer<Float>) throws(Problem) -> Void
  ) throws(Problem) {
    defer { vector.weightsChanged() }
    try unsafe write(UnsafeMutableBufferPointer(start: vector.start, count: count))
  }

  /// Copies all weights.
  func copyWeights(to values: UnsafeMutableBufferPointer<Float>) {
    precondition(values.count == count)
    unsafe values.baseAddress?.update(from: weights, count: count)
  }

  package var parameters: [TensorLayout.Tensor] { layout.tensors }
  package var byteCount: Int { arena.byteCount }

  /// The bytes of the state of a rank with these slices.
  static func byteCount(_ parameterGroups: [ParameterGroup], slices: [Range<Int>]) -> Int {
    let weights = parameterGroups.last?.elements.upperBound ?? 0
    return zip(parameterGroups, slices).reduce(pages(weights)) {
      $0 + NetworkState.momentBytes($1.0, slice: $1.1)
    }
  }

  /// The bytes of `count` floats, rounded up to whole pages.
  static func pages(_ count: Int) -> Int { (4 * count + 4095) / 4096 * 4096 }

  /// The number of updates of a network so far.
  package func updates(of network: Int) -> Int { cycle.updates(of: network, after: step) }
}

// Every rank holds a replica of all weights. A fault of memory or of a transfer changes its digest.
extension ModelState {
  /// The digest of all weights.
  var digest: Digest { digest(of: 0..<count) }

  /// Throws if the weights differ between ranks; names the first parameter that does.
  ///
  /// Collective.
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

/// The parameters of a run in one vector: all of them, and those of each network.
///
/// All share the packed weights.
struct ParameterVectors {
  let all: ParameterVector
  let networks: [ParameterVector]
}

extension CompiledExperiment {
  /// The vectors of the weights at an address.
  func vectors(at start: UnsafeMutablePointer<Float>) -> ParameterVectors {
    let packed = PackedWeights()
    return unsafe ParameterVectors(
      all: ParameterVector(start: start, layout: layout, packed: packed),
      networks: parameterGroups.map {
        unsafe ParameterVector(start: start, layout: layout, own: $0.elements, packed: packed)
      })
  }
}
