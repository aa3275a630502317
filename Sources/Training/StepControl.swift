package import Communication
package import Diagnostics
internal import Kernels
package import Reports

/// The few numbers about a step that every rank learns of every other, so that all decide alike.
///
/// Each rank has a record in one buffer: its flags, the metrics of its shards, and the sums of
/// squares of the gradient's chunks in its slice, with what they add to a penalty. Everyone adds
/// them in the same order.
@safe package final class StepControl {
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
  /// Slices in the order of their elements: chunk sums are added along the vector.
  private let ranksAlongVector: [Int]
  private let words: UnsafeMutablePointer<UInt64>
  private let network: Int
  /// The entry of the record that has the loss.
  private let loss: Int
  /// Those of the last step, added up here so that a step allocates nothing.
  private var metrics: Metrics

  /// The first `trained` of the elements are gradients; `isPenalised` says whether chunks add to the
  /// loss, which is an entry of the metrics' record.
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
        + (isPenalised ? 2 : 1) * StepControl.chunks(slice)
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

  /// What travels when ranks exchange their records, without penalties.
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

  /// Notes what a chunk of this rank's slice adds to the loss; of one that all ranks update, only
  /// the rank that answers for it does.
  package func record(penalty: Double, chunk: Int) {
    let rank = communicator.rank
    guard chunk < StepControl.chunks(slices[rank]) else { return }
    unsafe words[firstChunk(of: rank) + StepControl.chunks(slices[rank]) + chunk] =
      penalty.bitPattern
  }

  /// Where the metrics of a rank's shard stand.
  private func place(of shard: Int, _ rank: Int) -> Int {
    records[rank].lowerBound + Flag.allCases.count
      + metrics.wordCount * (shard - shards[rank].lowerBound)
  }

  /// Where the sums of a rank's chunks begin; what these add to the loss comes after them.
  private func firstChunk(of rank: Int) -> Int { place(of: shards[rank].upperBound, rank) }

  /// Exchanges the records and adds them up.
  ///
  /// `gradient` is the sum of all gradients, within this rank's slice; the step has so many shards
  /// as `leaves`. `replica` is to be the same on all ranks.
  package func agree(
    step: Int, requests: StepRequests = [], replica: UInt64 = 0, gradient: UnsafePointer<Float>,
    leaves: Int
  ) throws(Failure) -> StepReport {
    let rank = communicator.rank
    let start = records[rank].lowerBound
    unsafe words[start + Flag.step.rawValue] = UInt64(step)
    unsafe words[start + Flag.requests.rawValue] = requests.rawValue
    unsafe words[start + Flag.firstNotFinite.rawValue] = recordChunks(gradient)
    unsafe words[start + Flag.replica.rawValue] = replica
    try unsafe communicator.allGather(words, plan)
    return try total(step: step, leaves: leaves)
  }

  /// Notes the sums of squares of the slice's chunks; returns where it first is not finite.
  private func recordChunks(_ gradient: UnsafePointer<Float>) -> UInt64 {
    let slice = slices[communicator.rank]
    let place = firstChunk(of: communicator.rank)
    var firstNotFinite = UInt64.max
    for chunk in 0..<StepControl.chunks(slice) {
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
    return firstNotFinite
  }

  private func total(step: Int, leaves: Int) throws(Failure) -> StepReport {
    var (requests, replicasDiffer) = ([] as StepRequests, false)
    var firstNotFinite: Int?
    metrics.reset()
    for (rank, record) in records.enumerated() {
      let start = record.lowerBound
      guard unsafe words[start + Flag.step.rawValue] == UInt64(step) else {
        throw Failure(
          .disagreement,
          unsafe "rank \(rank) is at step \(words[start + Flag.step.rawValue]), "
            + "rank \(communicator.rank) at \(step)")
      }
      unsafe requests.formUnion(
        StepRequests(rawValue: words[start + Flag.requests.rawValue]))
      let element = unsafe words[start + Flag.firstNotFinite.rawValue]
      if element != .max {
        firstNotFinite = min(firstNotFinite ?? .max, Int(element))
      }
      if unsafe words[start + Flag.replica.rawValue] != words[Flag.replica.rawValue] {
        replicasDiffer = true
      }
      for shard in shards[rank] where shard < leaves {
        unsafe metrics.add(words + place(of: shard, rank))
      }
    }
    var (squares, penalty) = (0.0, 0.0)
    for rank in ranksAlongVector {
      let place = firstChunk(of: rank)
      let chunks = StepControl.chunks(slices[rank])
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

/// What all ranks know of a step.
package struct StepReport: Sendable {
  /// Whose step it was, in the cycle of all.
  package let network: Int
  /// The mean over the targets of the global batch that count, and the penalty.
  package let loss: Double
  /// Of the global batch; the penalty is in the loss.
  package let metrics: Metrics
  /// Of the gradient of loss and penalty over all trained parameters, before it is clipped.
  package let gradientNorm: Double
  /// Of all ranks.
  package let requests: StepRequests
  /// The first of the reduced elements that is not a finite number.
  package let firstNotFinite: Int?
  /// Whether two ranks gave different numbers for what is to be the same on all.
  package let replicasDiffer: Bool
}

/// What a rank asks all to do; what one asks for, all know in the same step.
package struct StepRequests: OptionSet, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// A signal came.
  package static let stop = StepRequests(rawValue: 1)
  /// The run has had its time.
  package static let end = StepRequests(rawValue: 2)
  /// A checkpoint is due by the clock.
  package static let save = StepRequests(rawValue: 4)
  /// A checkpoint could not be written.
  package static let failure = StepRequests(rawValue: 8)
  /// Samples could not be read.
  static let data = StepRequests(rawValue: 16)
}
