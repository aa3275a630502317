internal import Communication
internal import Diagnostics
internal import Execution
internal import Glibc
internal import Graphs
internal import Synchronization

/// Rank 0's copy of the weights and of the gradient of a step, for a background thread.
@safe final class ParameterCopy: @unchecked Sendable {
  let layout: TensorLayout
  /// In the layout of the weights of all networks.
  let gradient: UnsafeMutablePointer<Float>
  private let weights: UnsafeMutablePointer<Float>
  private let arena: Arena
  private let isTaken = Atomic<Bool>(false)

  init(_ layout: TensorLayout) throws(Failure) {
    self.layout = layout
    arena = try Arena(byteCount: Self.byteCount(layout))
    unsafe gradient = arena.start.bindMemory(to: Float.self, capacity: 2 * layout.count)
    unsafe weights = gradient + layout.count
  }

  static func byteCount(_ layout: TensorLayout) -> Int { 8 * layout.count }

  /// Waits until the background thread has read the last copy.
  func waitUntilFree() {
    while isTaken.load(ordering: .acquiring) { usleep(50) }
  }

  /// Copies weights on all workers, and hands the copy over until `release`.
  func take(_ source: UnsafePointer<Float>, on pool: WorkerPool) {
    let copy = unsafe SharedCopy(from: source, to: weights, count: layout.count)
    pool.run { worker in copy.part(worker, of: pool.count) }
    isTaken.store(true, ordering: .releasing)
  }

  /// Lets the next epoch overwrite it.
  func release() { isTaken.store(false, ordering: .releasing) }

  /// Calls a body with the weights and the gradient of each tensor.
  func forEachTensor(
    _ body: (
      _ name: String, _ weights: Span<Float>, _ gradient: Span<Float>
    ) throws(Failure) -> Void
  ) throws(Failure) {
    for tensor in layout.tensors {
      let (own, change) = unsafe (
        UnsafeBufferPointer(start: weights + tensor.offset, count: tensor.count),
        UnsafeBufferPointer(start: gradient + tensor.offset, count: tensor.count)
      )
      try unsafe body(tensor.name, own.span, change.span)
    }
  }
}

/// Memory that workers copy in different places.
@safe private struct SharedCopy: @unchecked Sendable {
  private let source: UnsafePointer<Float>
  private let target: UnsafeMutablePointer<Float>
  private let count: Int

  init(from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    unsafe self.source = source
    unsafe self.target = target
    self.count = count
  }

  func part(_ worker: Int, of workers: Int) {
    let own = (0..<count).part(worker, of: workers)
    unsafe (target + own.lowerBound).update(from: source + own.lowerBound, count: own.count)
  }
}
