package import Diagnostics

/// Measured times, in seconds, of an all-reduce over the ranks of a group.
package struct ReductionTimes: Sendable {
  package let bytes: Int
  /// With the ordered reduce-scatter and all-gather.
  package let ordered: Double
  /// With `MPI_Allreduce`.
  package let native: Double

  /// Measures both methods in turn for about this many seconds, and takes the medians.
  ///
  /// Collective. The times are those of the slowest rank.
  package init(
    _ communicator: Communicator, elements: Int, seconds: Double
  ) throws(Failure) {
    bytes = 4 * elements
    let reduction = try communicator.prepareReduction(
      elements: elements, shards: communicator.size.nextPowerOfTwo)
    let vectors = UnsafeMutablePointer<Float>.allocate(
      capacity: elements * reduction.nodes.count)
    defer { unsafe vectors.deallocate() }
    // Zeros do not overflow, however often they are added.
    unsafe vectors.initialize(repeating: 0, count: elements * reduction.nodes.count)
    let partials = unsafe reduction.nodes.indices.map { unsafe vectors + elements * $0 }
    func sumInOrder() throws(Failure) {
      let sum = try unsafe reduction.reduceScatter(
        partials, leaves: communicator.size.nextPowerOfTwo)
      try unsafe communicator.allGather(sum, reduction.gatherPlan)
    }
    let watchdog = try Watchdog(message: communicator.allReduceTimeoutMessage)
    defer { watchdog.stop() }
    func sumNatively() throws(Failure) {
      try watchdog.run(within: communicator.timeout) { () throws(Failure) in
        try unsafe communicator.allReduceNatively(vectors, count: elements)
      }
    }
    var times = [[Double]](repeating: [], count: 2)
    let end = ContinuousClock.now + .seconds(seconds)
    var isOver = false
    while !isOver {
      for _ in 0..<ReductionTimes.turn {
        times[0].append(try communicator.time(sumInOrder))
      }
      for _ in 0..<ReductionTimes.turn {
        times[1].append(try communicator.time(sumNatively))
      }
      isOver = try communicator.broadcast([ContinuousClock.now >= end ? 1 : 0]) == [1]
    }
    let slowest = try communicator.maximum(times.map(\.median))
    (ordered, native) = (slowest[0], slowest[1])
  }

  /// Returns the traffic of the ordered method.
  package func traffic(on communicator: Communicator) -> ReductionTraffic {
    ReductionTraffic(
      elements: bytes / 4, shards: communicator.size.nextPowerOfTwo, ranks: communicator.size)
  }

  /// The number of repetitions of one method before the other.
  private static let turn = 5
}

extension Communicator {
  /// Returns the seconds that a collective takes, after a barrier.
  fileprivate func time(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
    try barrier()
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { 1 << (self - 1).bitWidthInUse }
  private var bitWidthInUse: Int { Int.bitWidth - leadingZeroBitCount }
}
