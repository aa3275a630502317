package import Diagnostics
internal import Execution
internal import Glibc
internal import Graphs
internal import Networks
internal import Optimizers
internal import Synchronization

/// Rank 0's copy of all weights and moments between two steps.
///
/// The state does not change before the next update. So a thread copies it while the next step
/// computes its gradient, and only the update waits. The memory is touched before the first step.
@safe package final class Snapshot: @unchecked Sendable {
  let weights: UnsafeBufferPointer<Float>
  /// The whole moments of each network's optimizer.
  let moments: [[(name: String, values: UnsafeBufferPointer<Float>)]]
  /// The carried states of all positions; `gather` writes them.
  let carried: UnsafeMutableBufferPointer<Float>
  private let state: ModelState
  private let arena: Arena
  private let isCopied = Atomic<Bool>(true)

  package init(of state: ModelState, _ compiled: CompiledExperiment) throws(Failure) {
    self.state = state
    let size = Snapshot.byteCount(compiled)
    arena = try Arena(byteCount: size)
    let start = unsafe arena.start.bindMemory(to: Float.self, capacity: size / 4)
    unsafe weights = UnsafeBufferPointer(start: start, count: state.count)
    var next = unsafe start + state.count
    unsafe moments = state.networks.map { network in
      unsafe network.moments.map { name, _ in
        defer { unsafe next += network.trainedCount }
        return unsafe (name, UnsafeBufferPointer(start: next, count: network.trainedCount))
      }
    }
    unsafe carried = UnsafeMutableBufferPointer(
      start: next, count: state.carried?.layout.count ?? 0)
  }

  /// The bytes of a snapshot.
  static func byteCount(_ compiled: CompiledExperiment) -> Int {
    let carried = CarriedRows.byteCount(compiled.states, rows: compiled.configuration.layout.batch)
    return compiled.parameterGroups.reduce(4 * compiled.layout.count + carried) {
      $0 + 4 * $1.optimizer.moments.count * $1.trained.count
    }
  }

  /// The memory of a network's moment, into which other ranks' parts are gathered.
  func place(ofMoment place: Int, of network: Int) -> UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(mutating: moments[network][place].values.baseAddress)
  }

  /// Marks the copy as outstanding, so that the next update waits.
  func begin() { isCopied.store(false, ordering: .relaxed) }

  /// Copies the weights and this rank's moments; any thread may call it.
  func copy() {
    if let target = unsafe weights.baseAddress {
      unsafe UnsafeMutableRawPointer(mutating: target)
        .copyMemory(from: state.weights, byteCount: 4 * state.count)
    }
    for (number, network) in state.networks.enumerated() {
      for unsafe(place, (_, values)) in unsafe network.moments.enumerated() {
        guard let target = unsafe self.place(ofMoment: place, of: number),
          let source = values.baseAddress
        else { continue }
        unsafe (target + 4 * network.slice.lowerBound)
          .copyMemory(from: source, byteCount: 4 * values.count)
      }
    }
    isCopied.store(true, ordering: .releasing)
  }

  /// Waits until the state may change.
  func waitForCopy() {
    while !isCopied.load(ordering: .acquiring) { usleep(50) }
  }
}
