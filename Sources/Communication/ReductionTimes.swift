package import Diagnostics

/// How long the ranks of a group take to have the sum of their vectors everywhere.
package struct ReductionTimes: Sendable {
  package let bytes: Int
  /// Reduce-scatter and all-gather of this project.
  package let ordered: Double
  /// `MPI_Allreduce`.
  package let native: Double

  /// Medians of runs in which the two take turns, over about so many seconds.
  ///
  /// Collective. Times are those of the slowest rank.
  package init(
    _ communicator: Communicator, elements: Int, seconds: Double
  ) throws(Failure) {
    bytes = 4 * elements
    let reduction = try communicator.prepareReduction(
      elements: elements, shards: communicator.size.nextPowerOfTwo)
    let vectors = UnsafeMutablePointer<Float>.allocate(
      capacity: elements * reduction.nodes.count)
    defer { unsafe vectors.deallocate() }
    // Zeros stay what they are, however often they are added.
    unsafe vectors.initialize(repeating: 0, count: elements * reduction.nodes.count)
    let partials = unsafe reduction.nodes.indices.map { unsafe vectors + elements * $0 }
    func sumInOrder() throws(Failure) {
      let sum = try unsafe reduction.reduceScatter(
        partials, leaves: communicator.size.nextPowerOfTwo)
      try unsafe communicator.allGather(sum, reduction.gathering)
    }
    let watchdog = try Watchdog(saying: communicator.silenceInAllReduce)
    defer { watchdog.callOff() }
    func sumNatively() throws(Failure) {
      try watchdog.guarding(communicator.timeout) { () throws(Failure) in
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
    let slowest = try communicator.greatest(times.map(\.median))
    (ordered, native) = (slowest[0], slowest[1])
  }

  /// What travelled in the ordered way.
  package func traffic(on communicator: Communicator) -> ReductionTraffic {
    ReductionTraffic(
      elements: bytes / 4, shards: communicator.size.nextPowerOfTwo, ranks: communicator.size)
  }

  /// How often one way is taken before the other.
  private static let turn = 5
}

extension Communicator {
  /// The seconds that a collective takes when all begin together.
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
