internal import Randomness

/// Which samples a step holds: a function of the order's seed and the step, and nothing else.
///
/// Each epoch holds every sample once, but for those that `dropsLast` leaves over.
package struct Sampler: Sendable {
  package let count: Int
  package let batch: Int
  package let dropsLast: Bool
  package let order: Order
  /// The order of the epoch that was asked for last; nil before the first sample is asked for.
  private var current: (epoch: Int, indices: [Int32])?
  /// How many orders were made: each takes time that grows with the dataset.
  package private(set) var ordersMade = 0

  package enum Order: Sendable {
    case sequential
    case shuffled(seed: UInt64)

    fileprivate var isSequential: Bool { if case .sequential = self { true } else { false } }
  }

  package init(count: Int, batch: Int, dropsLast: Bool = false, order: Order) {
    precondition(count > 0 && batch > 0 && (!dropsLast || batch <= count))
    self.count = count
    self.batch = batch
    self.dropsLast = dropsLast
    self.order = order
  }

  package var stepsPerEpoch: Int { dropsLast ? count / batch : (count - 1) / batch + 1 }

  /// The samples that an epoch holds.
  package var samplesPerEpoch: Int { dropsLast ? stepsPerEpoch * batch : count }

  /// The sizes of batch that occur, the full one first.
  package var batchSizes: [Int] {
    let rest = count % batch
    if count < batch { return [rest] }
    return rest == 0 || dropsLast ? [batch] : [batch, rest]
  }

  /// Where a step begins, counting steps from 0 over all epochs and samples from 0 in each.
  package func place(ofStep step: Int) -> (epoch: Int, position: Int) {
    (step / stepsPerEpoch, step % stepsPerEpoch * batch)
  }

  /// The samples of a step.
  package mutating func batch(atStep step: Int) -> Batch {
    let place = place(ofStep: step)
    let end = min(count, place.position + batch)
    return Batch(
      samples: indices(ofEpoch: place.epoch)[place.position..<end], epoch: place.epoch)
  }

  private mutating func indices(ofEpoch epoch: Int) -> [Int32] {
    if let current, current.epoch == epoch || order.isSequential { return current.indices }
    let indices =
      switch order {
      case .sequential: Array(0..<Int32(count))
      case .shuffled(let seed): Permutation(count: count, seed: seed, epoch: epoch).indices
      }
    current = (epoch, indices)
    ordersMade += 1
    return indices
  }
}

/// The samples of a step, by position.
package struct Batch: Equatable, Sendable {
  package let samples: ArraySlice<Int32>
  package let epoch: Int

  package init(samples: ArraySlice<Int32>, epoch: Int = 0) {
    self.samples = samples
    self.epoch = epoch
  }

  package var count: Int { samples.count }

  /// The samples at a shard's positions, which count from 0 in every batch.
  package subscript(positions: Range<Int>) -> ArraySlice<Int32> {
    let start = samples.startIndex
    return samples[(start + positions.lowerBound)..<(start + positions.upperBound)]
  }
}
