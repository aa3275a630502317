internal import Communication
internal import Diagnostics

/// How a global batch is cut into shards: a property of the run, never of the launch.
package struct ShardLayout: Hashable, Sendable {
  /// Samples that a default shard should have at least: below it, weights are read too often.
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

  /// How many shards have samples in a step of so many; they are the first ones.
  package func present(in samples: Int) -> Int { (samples + size - 1) / size }

  /// The places in a step's batch that a shard holds; empty for an absent one.
  package func places(of shard: Int, in samples: Int) -> Range<Int> {
    min(samples, shard * size)..<min(samples, (shard + 1) * size)
  }

  /// The places in a full batch that consecutive shards hold.
  func places(of shards: Range<Int>) -> Range<Int> {
    places(of: shards.lowerBound, in: batch)
      .lowerBound..<places(of: shards.upperBound, in: batch).lowerBound
  }

  /// Whether a step of so many samples has shards of a size.
  func hasShards(of size: Int, in samples: Int) -> Bool {
    size == self.size ? samples >= size : size == samples % self.size
  }

  /// The sizes that shards have in steps of so many samples.
  package func sizes(in samples: Int) -> [Int] {
    let tail = samples % size
    return (samples >= size ? [size] : []) + (tail > 0 ? [tail] : [])
  }
}
