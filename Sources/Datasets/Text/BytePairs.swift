/// The merges of byte-pair encoding, in the order in which they are applied.
struct BytePairs: Equatable, Sendable {
  /// The token of each byte.
  let bytes: [Int32]
  let merges: [Merge]
  private let ranks: [TokenPair: Int]

  struct Merge: Equatable, Sendable {
    let pair: TokenPair
    let result: Int32
  }

  init(bytes: [Int32], merges: [Merge]) {
    self.bytes = bytes
    self.merges = merges
    ranks = Dictionary(
      zip(merges.map(\.pair), merges.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Encodes words, with memory that it keeps.
  struct Encoder {
    private let pairs: BytePairs
    private var tokens: [Int32] = []
    /// The places of the tokens beside each one; -1 and the count at the ends.
    private var previous: [Int] = []
    private var next: [Int] = []
    /// Merges that may be applied, by rank and then by place.
    private var queue = Heap<UInt64>()

    private static let placeBits: UInt64 = 40

    init(_ pairs: BytePairs) { self.pairs = pairs }

    /// Appends the tokens of a word: the first merge that fits is applied until none fits.
    mutating func encode(_ word: Span<UInt8>, into result: inout [Int32]) {
      tokens.removeAll(keepingCapacity: true)
      previous.removeAll(keepingCapacity: true)
      next.removeAll(keepingCapacity: true)
      for place in word.indices {
        tokens.append(pairs.bytes[Int(word[place])])
        previous.append(place - 1)
        next.append(place + 1)
      }
      for place in tokens.indices { offer(place) }
      while let first = queue.pop() {
        let place = Int(first & (1 << Self.placeBits - 1))
        let rank = Int(first >> Self.placeBits)
        // The pair there may have become another one.
        guard self.rank(at: place) == rank else { continue }
        let removed = next[place]
        tokens[place] = pairs.merges[rank].result
        tokens[removed] = -1
        next[place] = next[removed]
        if next[place] < tokens.count { previous[next[place]] = place }
        if previous[place] >= 0 { offer(previous[place]) }
        offer(place)
      }
      for token in tokens where token >= 0 { result.append(token) }
    }

    /// The rank of the merge of a token with the one behind it.
    private func rank(at place: Int) -> Int? {
      guard tokens[place] >= 0, next[place] < tokens.count else { return nil }
      return pairs.ranks[TokenPair(tokens[place], tokens[next[place]])]
    }

    private mutating func offer(_ place: Int) {
      guard let rank = rank(at: place) else { return }
      queue.push(UInt64(rank) << Self.placeBits | UInt64(place))
    }
  }
}
