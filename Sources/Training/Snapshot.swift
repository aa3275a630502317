internal import Communication
package import Diagnostics
internal import Execution
internal import Glibc
internal import Networks
internal import Optimizers
internal import Synchronization

/// Rank 0's copy of all weights and moments as they are between two steps.
///
/// They do not change before the next update, so they are copied while the next step computes its
/// gradient, and only the update waits. The memory is taken and touched before the first step.
@safe package final class Snapshot: @unchecked Sendable {
  let weights: UnsafeBufferPointer<Float>
  /// The elements of all ranks, for each moment of the optimiser.
  let moments: [(name: String, values: UnsafeBufferPointer<Float>)]
  private let state: ModelState
  private let arena: Arena
  private let isCopied = Atomic<Bool>(true)

  package init(of state: ModelState) throws(Failure) {
    self.state = state
    let (count, trainedCount) = (state.count, state.trainedCount)
    let places = unsafe state.moments.indices
    arena = try Arena(
      byteCount: Self.byteCount(
        count: count, trainedCount: trainedCount, moments: places.count))
    let start = unsafe arena.start.bindMemory(
      to: Float.self, capacity: count + places.count * trainedCount)
    unsafe weights = UnsafeBufferPointer(start: start, count: count)
    unsafe moments = places.map { place in
      unsafe (
        state.moments[place].name,
        UnsafeBufferPointer(start: start + count + place * trainedCount, count: trainedCount)
      )
    }
  }

  /// What a run takes for it on this rank.
  static func byteCount(_ design: Design, on communicator: Communicator) -> Int {
    guard communicator.rank == 0 else { return 0 }
    let network = design.network
    return byteCount(
      count: network.parameterCount, trainedCount: network.trainedCount,
      moments: design.configuration.optimizer.moments.count)
  }

  private static func byteCount(count: Int, trainedCount: Int, moments: Int) -> Int {
    4 * (count + moments * trainedCount)
  }

  /// Where the moments of other ranks are received.
  func place(ofMoment place: Int) -> UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(mutating: moments[place].values.baseAddress)
  }

  /// Says that a copy is about to be made; the next update waits for it.
  func begin() { isCopied.store(false, ordering: .relaxed) }

  /// Copies what this rank has; may run on any thread.
  func copy() {
    if let target = unsafe weights.baseAddress {
      unsafe UnsafeMutableRawPointer(mutating: target)
        .copyMemory(from: state.weights, byteCount: 4 * state.count)
    }
    for unsafe(place, (_, values)) in unsafe state.moments.enumerated() {
      guard let target = unsafe self.place(ofMoment: place), let source = values.baseAddress
      else { continue }
      unsafe (target + 4 * state.slice.lowerBound)
        .copyMemory(from: source, byteCount: 4 * values.count)
    }
    isCopied.store(true, ordering: .releasing)
  }

  /// Returns when the state may change again.
  func waitForCopy() {
    while !isCopied.load(ordering: .acquiring) { usleep(50) }
  }
}
