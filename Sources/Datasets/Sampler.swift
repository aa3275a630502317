internal import Randomness

/// Which samples a batch holds: a function of the seed of the order and the step alone.
///
/// Each epoch holds every sample once, except those that `dropsLast` drops.
package struct Sampler: Sendable {
  package let count: Int
  package let batch: Int
  package let dropsLast: Bool
  package let order: Order
  /// The samples at consecutive positions of the epoch asked for last.
  private var current: (epoch: Int, positions: Range<Int>, samples: [Int32])?
  /// The number of times that positions were computed, mostly those of a whole epoch.
  package private(set) var ordersMade = 0

  /// The most samples whose order is kept in memory: 268 MB.
  package static let inMemory = 1 << 26
  /// The positions that are computed at once where an epoch has more.
  private static let window = 1 << 20

  package enum Order: Sendable {
    case sequential
    case shuffled(seed: UInt64)
    /// Position p of every batch reads the p-th stretch of the samples, one after the other.
    case streams

    /// Whether all epochs are alike.
    fileprivate var isFixed: Bool { if case .shuffled = self { false } else { true } }
  }

  package init(count: Int, batch: Int, dropsLast: Bool = false, order: Order) {
    precondition(count > 0 && batch > 0 && (!dropsLast || batch <= count))
    if case .streams = order { precondition(dropsLast, "a stream has no part of a batch") }
    self.count = count
    self.batch = batch
    self.dropsLast = dropsLast
    self.order = order
  }

  package var stepsPerEpoch: Int { dropsLast ? count / batch : (count - 1) / batch + 1 }

  /// The number of samples in an epoch.
  package var samplesPerEpoch: Int { dropsLast ? stepsPerEpoch * batch : count }

  /// The batch sizes that occur, the full one first.
  package var batchSizes: [Int] {
    let rest = count % batch
    if count < batch { return [rest] }
    return rest == 0 || dropsLast ? [batch] : [batch, rest]
  }

  /// The epoch of a step, and the position of its first sample in it.
  package func place(ofStep step: Int) -> (epoch: Int, position: Int) {
    (step / stepsPerEpoch, step % stepsPerEpoch * batch)
  }

  /// The samples of a step.
  package mutating func batch(atStep step: Int) -> Batch {
    let place = place(ofStep: step)
    let positions = place.position..<min(count, place.position + batch)
    return Batch(samples: samples(at: positions, of: place.epoch), epoch: place.epoch)
  }

  private mutating func samples(at wanted: Range<Int>, of epoch: Int) -> ArraySlice<Int32> {
    if let current, current.epoch == epoch || order.isFixed,
      current.positions.contains(wanted.lowerBound),
      wanted.upperBound <= current.positions.upperBound
    {
      let start = current.positions.lowerBound
      return current.samples[wanted.lowerBound - start..<wanted.upperBound - start]
    }
    // Memory is free before it is taken again.
    current = nil
    let end = samplesPerEpoch
    let positions =
      count <= Self.inMemory
      ? 0..<end
      : wanted.lowerBound..<min(end, max(wanted.upperBound, wanted.lowerBound + Self.window))
    current = (epoch, positions, order(of: positions, in: epoch))
    ordersMade += 1
    return samples(at: wanted, of: epoch)
  }

  private func order(of positions: Range<Int>, in epoch: Int) -> [Int32] {
    switch order {
    case .sequential: positions.map { Int32($0) }
    case .streams: positions.map { Int32($0 % batch * stepsPerEpoch + $0 / batch) }
    case .shuffled(let seed) where count <= Self.inMemory:
      Permutation(count: count, seed: seed, epoch: epoch).indices
    case .shuffled(let seed):
      KeyedPermutation(count: count, seed: seed, epoch: epoch).indices(at: positions)
    }
  }
}

/// The samples of a step.
package struct Batch: Equatable, Sendable {
  package let samples: ArraySlice<Int32>
  package let epoch: Int

  package init(samples: ArraySlice<Int32>, epoch: Int = 0) {
    self.samples = samples
    self.epoch = epoch
  }

  package var count: Int { samples.count }

  /// The samples at positions of the batch.
  package subscript(positions: Range<Int>) -> ArraySlice<Int32> {
    let start = samples.startIndex
    return samples[(start + positions.lowerBound)..<(start + positions.upperBound)]
  }
}
