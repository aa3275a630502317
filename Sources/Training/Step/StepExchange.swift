package import Communication
package import Diagnostics
internal import Kernels
package import Reports

/// Exchanges the numbers on which a step's decisions depend, so that all ranks decide alike.
///
/// Each rank has a record in one buffer: its flags, the metrics of its shards, and for each chunk
/// of its slice the gradient's sum of squares and the penalty. An all-gather fills the buffer, and
/// every rank adds the records in the same order.
@safe package final class StepExchange {
  private enum Flag: Int, CaseIterable {
    case step, requests, firstNotFinite, replica
  }

  private let communicator: Communicator
  private let trained: Int
  private let isPenalised: Bool
  private let slices: [Range<Int>]
  private let shards: [Range<Int>]
  private let records: [Range<Int>]
  private let plan: GatherPlan
  /// The ranks in the order of their slices: chunk sums are added along the vector.
  private let ranksAlongVector: [Int]
  private let words: UnsafeMutablePointer<UInt64>
  private let network: Int
  /// The entry of the loss in `metrics`.
  private let loss: Int
  /// The sums of the last step; kept here so that a step allocates nothing.
  private var metrics: Metrics

  /// Allocates the records of all ranks.
  ///
  /// The first `trained` elements are gradients; the others are not part of the norm. `isPenalised`
  /// tells whether `record(penalty:chunk:)` is called for each chunk. `loss` is the entry of the
  /// network's loss in the metrics.
  package init(
    _ communicator: Communicator, reduction: GradientReduction, shards count: Int, trained: Int,
    isPenalised: Bool, metrics: [Metric] = [], loss: Int = Metrics.loss, network: Int = 0
  ) {
    self.network = network
    self.loss = loss
    self.metrics = Metrics(metrics)
    self.communicator = communicator
    self.trained = trained
    self.isPenalised = isPenalised
    let slices = reduction.slices
    self.slices = slices
    let shards = (0..<communicator.size).map { (0..<count).part($0, of: communicator.size) }
    self.shards = shards
    var records: [Range<Int>] = []
    for (slice, shards) in zip(slices, shards) {
      let start = records.last?.upperBound ?? 0
      let size =
        Flag.allCases.count + Metrics.wordCount(of: metrics) * shards.count
        + (isPenalised ? 2 : 1) * StepExchange.chunks(slice)
      records.append(start..<start + size)
    }
    self.records = records
    plan = communicator.gatherPlan(records.map { 8 * $0.lowerBound..<8 * $0.upperBound })
    ranksAlongVector = slices.indices.sorted {
      (slices[$0].lowerBound, $0) < (slices[$1].lowerBound, $1)
    }
    let total = records.last?.upperBound ?? 0
    unsafe words = .allocate(capacity: max(1, total))
    unsafe words.initialize(repeating: 0, count: max(1, total))
  }

  deinit { unsafe words.deallocate() }

  /// The traffic of an exchange without penalties.
  static func traffic(
    elements: Int, shards: Int, ranks: Int, metrics: [Metric]
  ) -> ReductionTraffic {
    let words =
      ranks * Flag.allCases.count + shards * Metrics.wordCount(of: metrics)
      + chunks(0..<elements)
    return ReductionTraffic(
      stages: ranks > 1 ? Int.bitWidth - (ranks - 1).leadingZeroBitCount : 0,
      bytes: 8 * words * (ranks - 1) / ranks)
  }

  private static func chunks(_ slice: Range<Int>) -> Int {
    (slice.count + VectorPartition.chunk - 1) / VectorPartition.chunk
  }

  /// Records the metrics of one of this rank's shards.
  package func record(_ metrics: Metrics, shard: Int) {
    let rank = communicator.rank
    unsafe metrics.write(to: words + place(of: shard, rank))
  }

  /// Records the penalty of a chunk of this rank's slice.
  ///
  /// If all ranks update the whole vector, only the chunks of the rank's own slice count.
  package func record(penalty: Double, chunk: Int) {
    let rank = communicator.rank
    guard chunk < StepExchange.chunks(slices[rank]) else { return }
    unsafe words[firstChunk(of: rank) + StepExchange.chunks(slices[rank]) + chunk] =
      penalty.bitPattern
  }

  /// The offset of the metrics of a rank's shard.
  private func place(of shard: Int, _ rank: Int) -> Int {
    records[rank].lowerBound + Flag.allCases.count
      + metrics.wordCount * (shard - shards[rank].lowerBound)
  }

  /// The offset of the sums of a rank's chunks; the penalties of the chunks follow them.
  private func firstChunk(of rank: Int) -> Int { place(of: shards[rank].upperBound, rank) }

  /// Records the gradient's sums of squares, and its first element that is not finite.
  ///
  /// `gradient` is the sum over all shards; only this rank's slice is read.
  package func record(gradient: UnsafePointer<Float>) {
    let slice = slices[communicator.rank]
    let place = firstChunk(of: communicator.rank)
    var firstNotFinite = UInt64.max
    for chunk in 0..<StepExchange.chunks(slice) {
      let first = slice.lowerBound + chunk * VectorPartition.chunk
      let end = min(first + VectorPartition.chunk, slice.upperBound)
      let others = min(max(first, trained), end)
      let sum = unsafe Reductions.sumOfSquares(gradient + first, others - first)
      unsafe words[place + chunk] = sum.bitPattern
      let rest = unsafe Reductions.sumOfSquares(gradient + others, end - others)
      if !(sum + rest).isFinite, firstNotFinite == .max {
        let element = (first..<end).first { unsafe !gradient[$0].isFinite } ?? first
        firstNotFinite = UInt64(element)
      }
    }
    self[.firstNotFinite, communicator.rank] = firstNotFinite
  }

  private subscript(flag: Flag, rank: Int) -> UInt64 {
    get { unsafe words[records[rank].lowerBound + flag.rawValue] }
    set { unsafe words[records[rank].lowerBound + flag.rawValue] = newValue }
  }

  /// Exchanges the records of all ranks and adds them.
  ///
  /// `replica` is a number that must be equal on all ranks; `count` is the number of shards that
  /// the step has. Collective.
  package func exchange(
    step: Int, requests: StepRequests = [], replica: UInt64 = 0, shards count: Int
  ) throws(Failure) -> StepReport {
    let rank = communicator.rank
    self[.step, rank] = UInt64(step)
    self[.requests, rank] = requests.rawValue
    self[.replica, rank] = replica
    try unsafe communicator.allGather(words, plan)
    return try total(step: step, shards: count)
  }

  private func total(step: Int, shards count: Int) throws(Failure) -> StepReport {
    var (requests, replicasDiffer) = ([] as StepRequests, false)
    var firstNotFinite: Int?
    metrics.reset()
    for rank in records.indices {
      guard self[.step, rank] == UInt64(step) else {
        throw Failure(
          .disagreement,
          "rank \(rank) is at step \(self[.step, rank]), rank \(communicator.rank) at \(step)")
      }
      requests.formUnion(StepRequests(rawValue: self[.requests, rank]))
      let element = self[.firstNotFinite, rank]
      if element != .max {
        firstNotFinite = min(firstNotFinite ?? .max, Int(element))
      }
      if self[.replica, rank] != self[.replica, 0] { replicasDiffer = true }
      for shard in shards[rank] where shard < count {
        unsafe metrics.add(words + place(of: shard, rank))
      }
    }
    var (squares, penalty) = (0.0, 0.0)
    for rank in ranksAlongVector {
      let place = firstChunk(of: rank)
      let chunks = StepExchange.chunks(slices[rank])
      for chunk in place..<place + chunks {
        unsafe squares += Double(bitPattern: words[chunk])
        if isPenalised { unsafe penalty += Double(bitPattern: words[chunk + chunks]) }
      }
    }
    let mean = metrics.mean(of: loss) + penalty
    metrics.setMean(mean, of: loss)
    return StepReport(
      network: network, loss: mean, metrics: metrics, gradientNorm: squares.squareRoot(),
      requests: requests, firstNotFinite: firstNotFinite, replicasDiffer: replicasDiffer)
  }
}

/// The results of a step, equal on all ranks.
package struct StepReport: Sendable {
  /// The number of the network that took the step.
  package let network: Int
  /// The mean over the counting targets of the global batch, plus the penalty.
  package let loss: Double
  /// The metrics of the global batch; the loss includes the penalty.
  package let metrics: Metrics
  /// The norm of the gradient of loss and penalty over all trained parameters, before clipping.
  package let gradientNorm: Double
  /// The requests of all ranks together.
  package let requests: StepRequests
  /// The first element of the reduced gradient that is not finite.
  package let firstNotFinite: Int?
  /// Whether two ranks gave different `replica` numbers.
  package let replicasDiffer: Bool
}

/// What a rank asks all ranks to do; all of them learn it in the same step.
package struct StepRequests: OptionSet, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Stop: a signal was received.
  package static let stop = StepRequests(rawValue: 1)
  /// End the run: its time is over.
  package static let end = StepRequests(rawValue: 2)
  /// Save a checkpoint: it is due by the clock.
  package static let save = StepRequests(rawValue: 4)
  /// End: a checkpoint could not be written.
  package static let failure = StepRequests(rawValue: 8)
  /// End: samples could not be read.
  static let data = StepRequests(rawValue: 16)
}
