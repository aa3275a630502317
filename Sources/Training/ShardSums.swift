/// What a shard contributes to the figures of a step or an evaluation.
package struct ShardSums: Equatable, Sendable {
  package var loss: Double
  package var counters: Counters

  package init(loss: Double = 0, counters: Counters = Counters()) {
    self.loss = loss
    self.counters = counters
  }

  package static func += (a: inout ShardSums, b: ShardSums) {
    a.loss += b.loss
    a.counters += b.counters
  }
}

/// As ranks send them to each other.
extension ShardSums {
  static let wordCount = 1 + Counters.scalarCount

  init(from words: UnsafePointer<UInt64>) {
    self.init(loss: unsafe Double(bitPattern: words[0]))
    for place in counters.indices {
      unsafe counters[place] = Double(bitPattern: words[1 + place])
    }
  }

  func write(to words: UnsafeMutablePointer<UInt64>) {
    unsafe words[0] = loss.bitPattern
    for place in counters.indices { unsafe words[1 + place] = counters[place].bitPattern }
  }
}
