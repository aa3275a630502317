internal import Communication

/// The shards of an evaluation, in lanes: those of a lane are computed one after the other.
///
/// It depends on the number of samples alone, never on that of ranks or workers. Without states
/// every shard is a lane of its own. If states go from sample to sample, the dataset is cut into at
/// most 64 stretches, and a lane is a step of 16 stretches after the other.
package struct EvaluationShards {
  /// All samples, in the order in which shards read them.
  package let order: [Int32]
  /// The positions of each shard in that order.
  package let places: [Range<Int>]
  /// The shards of each lane.
  package let lanes: [Range<Int>]
  /// Whether each shard begins a lane.
  private let begins: [Bool]

  /// The samples of a shard without states.
  ///
  /// Metrics are summed over shards in order, so another size changes their last bits.
  private static let size = 64
  /// The stretches of a lane, and the most of all lanes.
  static let rows = 16
  private static let stretchLimit = 64
  /// Every stretch begins with an empty state, so few samples make few of them.
  private static let leastStretch = 16

  package init(of count: Int, carriesStates: Bool) {
    guard carriesStates else {
      order = Array(0..<Int32(count))
      places = stride(from: 0, to: count, by: Self.size).map { $0..<min(count, $0 + Self.size) }
      lanes = places.indices.map { $0..<$0 + 1 }
      begins = places.map { _ in true }
      return
    }
    let stretches = max(1, min(Self.stretchLimit, count / Self.leastStretch))
    let (length, longer) = count.quotientAndRemainder(dividingBy: stretches)
    var (order, places, lanes): ([Int32], [Range<Int>], [Range<Int>]) = ([], [], [])
    for first in stride(from: 0, to: stretches, by: Self.rows) {
      let before = places.count
      for step in 0...length {
        let end = min(first + Self.rows, step < length ? stretches : longer)
        guard first < end else { continue }
        places.append(order.count..<order.count + end - first)
        order += (first..<end).map { Int32($0 * length + min($0, longer) + step) }
      }
      lanes.append(before..<places.count)
    }
    (self.order, self.places, self.lanes) = (order, places, lanes)
    begins = lanes.flatMap { lane in lane.map { $0 == lane.lowerBound } }
  }

  /// The shards of consecutive lanes.
  func shards(of lanes: Range<Int>) -> Range<Int> {
    let starts = self.lanes.map(\.lowerBound) + [places.count]
    return starts[lanes.lowerBound]..<starts[lanes.upperBound]
  }

  /// The shards that a rank computes.
  func part(_ rank: Int, of ranks: Int) -> Range<Int> {
    shards(of: lanes.indices.part(rank, of: ranks))
  }

  /// Whether nothing goes before a shard in its lane.
  package func isFirst(_ shard: Int) -> Bool { begins[shard] }

  /// The sizes of shards, the largest first.
  var sizes: [Int] { Set(places.map(\.count)).sorted(by: >) }
}
