/// The merges of byte-pair encoding, in the order in which they are applied.
struct BytePairs: Equatable, Sendable {
  /// The token of each byte.
  let bytes: [Int32]
  let merges: [Merge]
  /// The rank of each merge by its pair.
  private let ranks: PairTable

  struct Merge: Equatable, Sendable {
    let pair: TokenPair
    let result: Int32
  }

  /// The pairs of merges differ.
  init(bytes: [Int32], merges: [Merge]) {
    self.bytes = bytes
    self.merges = merges
    var ranks = PairTable()
    for merge in merges { _ = ranks.insert(merge.pair) }
    self.ranks = ranks
  }

  static func == (a: BytePairs, b: BytePairs) -> Bool {
    a.bytes == b.bytes && a.merges == b.merges
  }

  /// Encodes words, with memory that it keeps.
  ///
  /// The merges that fit somewhere are applied by their rank, each from left to right, so that a
  /// word takes time in proportion to its length.
  struct Encoder {
    private let pairs: BytePairs
    private var tokens: [Int32] = []
    /// The places of the tokens beside each one; -1 and the count at the ends.
    private var previous: [Int32] = []
    private var next: [Int32] = []
    /// The places of each merge's pair, and the merges that have some.
    private var places: [[Int32]]
    private var queue = Heap<Int32>()

    init(_ pairs: BytePairs) {
      self.pairs = pairs
      places = Array(repeating: [], count: pairs.merges.count)
    }

    /// Appends the tokens of a word: the first merge that fits is applied until none fits.
    mutating func encode(_ word: Span<UInt8>, into result: inout [Int32]) {
      tokens.removeAll(keepingCapacity: true)
      previous.removeAll(keepingCapacity: true)
      next.removeAll(keepingCapacity: true)
      for place in word.indices {
        tokens.append(pairs.bytes[Int(word[place])])
        previous.append(Int32(place) - 1)
        next.append(Int32(place) + 1)
      }
      for place in tokens.indices { _ = offer(Int32(place)) }
      while let rank = queue.pop() { merge(rank) }
      for token in tokens where token >= 0 { result.append(token) }
    }

    /// Applies a merge wherever it fits, until one of a lower rank fits.
    private mutating func merge(_ rank: Int32) {
      let merge = pairs.merges[Int(rank)]
      var found: [Int32] = []
      swap(&found, &places[Int(rank)])
      // They are in order unless different merges make one token.
      if zip(found, found.dropFirst()).contains(where: >) { found.sort() }
      for (index, place) in found.enumerated() {
        // The pair there may have become another one.
        guard pair(at: place) == merge.pair else { continue }
        let removed = next[Int(place)]
        tokens[Int(place)] = merge.result
        tokens[Int(removed)] = -1
        next[Int(place)] = next[Int(removed)]
        if next[Int(place)] < tokens.count { previous[Int(next[Int(place)])] = place }
        // Only a vocabulary whose merges are out of order has a lower rank.
        guard min(offer(previous[Int(place)]), offer(place)) < rank else { continue }
        for place in found[(index + 1)...] { _ = offer(place) }
        return
      }
      found.removeAll(keepingCapacity: true)
      places[Int(rank)] = found
    }

    /// A token and the one behind it.
    private func pair(at place: Int32) -> TokenPair? {
      guard place >= 0, tokens[Int(place)] >= 0, next[Int(place)] < tokens.count else { return nil }
      return TokenPair(tokens[Int(place)], tokens[Int(next[Int(place)])])
    }

    /// Queues the merge that fits at a place; returns its rank.
    private mutating func offer(_ place: Int32) -> Int32 {
      guard let rank = pair(at: place).map(pairs.ranks.number), rank != PairTable.none else {
        return PairTable.none
      }
      if places[Int(rank)].isEmpty { queue.push(rank) }
      places[Int(rank)].append(place)
      return rank
    }
  }
}
