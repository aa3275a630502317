package import Diagnostics
internal import Execution
internal import Glibc
internal import Graphs
internal import Networks
internal import Optimizers
internal import Synchronization

/// Rank 0's copy of all weights and moments as they are between two steps.
///
/// They do not change before the next update, so they are copied while the next step computes its
/// gradient, and only the update waits. The memory is taken and touched before the first step.
@safe package final class Snapshot: @unchecked Sendable {
  let weights: UnsafeBufferPointer<Float>
  /// The elements of all ranks, for each moment of each network's optimiser.
  let moments: [[(name: String, values: UnsafeBufferPointer<Float>)]]
  private let state: ModelState
  private let arena: Arena
  private let isCopied = Atomic<Bool>(true)

  package init(of state: ModelState, _ design: Design) throws(Failure) {
    self.state = state
    let size = Snapshot.byteCount(design)
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
  }

  /// What a run takes for it.
  static func byteCount(_ design: Design) -> Int {
    design.learners.reduce(4 * design.layout.count) {
      $0 + 4 * $1.optimizer.moments.count * $1.trained.count
    }
  }

  /// Where a moment of a network is received from other ranks.
  func place(ofMoment place: Int, of network: Int) -> UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(mutating: moments[network][place].values.baseAddress)
  }

  /// Says that a copy is about to be made; the next update waits for it.
  func begin() { isCopied.store(false, ordering: .relaxed) }

  /// Copies what this rank has; may run on any thread.
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

  /// Returns when the state may change again.
  func waitForCopy() {
    while !isCopied.load(ordering: .acquiring) { usleep(50) }
  }
}
