internal import Communication
internal import Diagnostics

/// How a global batch is cut into shards.
///
/// It depends on the configuration, never on the number of ranks.
package struct ShardLayout: Hashable, Sendable {
  /// The smallest shard that `standard` makes: with fewer samples, weights are read too often.
  static let preferredSamples = 16

  package let batch: Int
  /// A power of two.
  package let shards: Int

  package init(batch: Int, shards: Int) {
    self.batch = batch
    self.shards = shards
  }

  /// The largest power of two that leaves enough samples in a shard; 4 where the batch allows.
  package static func standard(batch: Int) -> ShardLayout {
    let wanted = max(batch / preferredSamples, min(4, batch))
    return ShardLayout(batch: batch, shards: 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount))
  }

  /// Samples of a full shard.
  package var size: Int { (batch + shards - 1) / shards }

  /// The number of shards that have samples in a step of `samples`; they are the first ones.
  package func present(in samples: Int) -> Int { (samples + size - 1) / size }

  /// The positions of a shard's samples in a batch of `samples`; empty if the shard is absent.
  package func places(of shard: Int, in samples: Int) -> Range<Int> {
    places(of: shard..<shard + 1, in: samples)
  }

  /// The positions of consecutive shards in a batch of `samples`.
  func places(of shards: Range<Int>, in samples: Int) -> Range<Int> {
    min(samples, shards.lowerBound * size)..<min(samples, shards.upperBound * size)
  }

  /// Whether a step of `samples` has shards of `size` samples.
  func hasShards(of size: Int, in samples: Int) -> Bool {
    size == self.size ? samples >= size : size == samples % self.size
  }

  /// The sizes of the shards of a step of `samples`, the largest first.
  package func sizes(in samples: Int) -> [Int] {
    let tail = samples % size
    return (samples >= size ? [size] : []) + (tail > 0 ? [tail] : [])
  }
}
