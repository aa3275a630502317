/// Which bytes of an arena are taken at which times.
///
/// A binary tree over times. A block is recorded at the few nodes that make up its times, and at
/// those above them.
struct Occupancy {
  /// The bytes that are taken during all times of a node, and during any of them.
  private var always: [Stretches]
  private var ever: [Stretches]
  private let leaves: Int
  /// The number of visits to nodes.
  private(set) var visits = 0

  init(times: Int) {
    var leaves = 1
    while leaves < times { leaves *= 2 }
    self.leaves = leaves
    always = Array(repeating: Stretches(), count: 2 * leaves)
    ever = always
  }

  mutating func take(_ bytes: Range<Int>, at times: ClosedRange<Int>) {
    guard !bytes.isEmpty else { return }
    let nodes = nodes(of: times)
    visits += nodes.whole.count + nodes.above.count
    for node in nodes.whole {
      always[node].insert(bytes)
      ever[node].insert(bytes)
    }
    for node in nodes.above { ever[node].insert(bytes) }
  }

  /// The lowest offset from which `size` bytes are free at all these times.
  mutating func lowestGap(of size: Int, at times: ClosedRange<Int>) -> Int {
    let nodes = nodes(of: times)
    var offset = 0
    var isFree = false
    while !isFree {
      visits += nodes.whole.count + nodes.above.count
      let start = offset
      for node in nodes.whole { offset = ever[node].end(of: offset..<offset + size) }
      for node in nodes.above { offset = always[node].end(of: offset..<offset + size) }
      isFree = offset == start
    }
    return offset
  }

  /// The largest nodes that make up the times, and all nodes above them.
  private func nodes(of times: ClosedRange<Int>) -> (whole: [Int], above: [Int]) {
    var (whole, above): ([Int], [Int]) = ([], [])
    func visit(_ node: Int, _ first: Int, _ count: Int) {
      let last = first + count - 1
      guard times.overlaps(first...last) else { return }
      if times.contains(first) && times.contains(last) {
        whole.append(node)
      } else {
        above.append(node)
        visit(2 * node, first, count / 2)
        visit(2 * node + 1, first + count / 2, count / 2)
      }
    }
    visit(1, 0, leaves)
    return (whole, above)
  }
}

/// Bytes that are taken, as ascending ranges that do not touch.
private struct Stretches {
  private var ranges: [Range<Int>] = []

  /// The first range that ends behind an offset, or at it if it `touches`.
  private func place(_ offset: Int, touches: Bool) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      let isBehind =
        touches ? ranges[middle].upperBound >= offset : ranges[middle].upperBound > offset
      (low, high) = isBehind ? (low, middle) : (middle + 1, high)
    }
    return low
  }

  mutating func insert(_ range: Range<Int>) {
    let first = place(range.lowerBound, touches: true)
    var (last, whole) = (first, range)
    while last < ranges.count, ranges[last].lowerBound <= whole.upperBound {
      whole =
        min(
          whole.lowerBound, ranges[last].lowerBound)..<max(
          whole.upperBound, ranges[last].upperBound)
      last += 1
    }
    ranges.replaceSubrange(first..<last, with: CollectionOfOne(whole))
  }

  /// The end of the first taken range within a range, or the start of that if nothing is taken.
  func end(of range: Range<Int>) -> Int {
    let first = place(range.lowerBound, touches: false)
    guard first < ranges.count, ranges[first].lowerBound < range.upperBound else {
      return range.lowerBound
    }
    return ranges[first].upperBound
  }
}
