/// Learns byte pairs: the most frequent pair of adjacent tokens becomes a token, again and again.
///
/// Of equally frequent pairs the one of the smallest tokens is merged, as in the Python package
/// `tokenizers`. The counts of pairs are kept up to date, since a merge changes few of them
/// (Sennrich, Haddow and Birch 2016).
struct BytePairLearner {
  /// The tokens of all words, one word behind the other; -1 where a token was merged away.
  private var tokens: [Int32] = []
  /// The places of the tokens beside each one, -1 at the ends of a word.
  private var previous: [Int32] = []
  private var next: [Int32] = []
  /// How often the word of each place is there.
  private var frequencies: [Int32] = []
  private var numbers = PairTable()
  private var pairs: [Pair] = []
  private var queue = Heap<Candidate>()

  private struct Pair {
    let pair: TokenPair
    var frequency = 0
    /// Where it is, or was.
    var places: [Int32] = []
  }

  private struct Candidate: Comparable {
    let frequency: Int
    let pair: TokenPair
    let number: Int

    static func < (a: Candidate, b: Candidate) -> Bool {
      a.frequency != b.frequency ? a.frequency > b.frequency : a.pair < b.pair
    }
  }

  /// Words and how often each is there; `bytes` has the token of each byte.
  init(_ words: ByteTable, frequencies: [Int], bytes: [Int32]) {
    for (index, frequency) in frequencies.enumerated() {
      let start = Int32(tokens.count)
      for byte in words[index] {
        let place = Int32(tokens.count)
        tokens.append(bytes[Int(byte)])
        previous.append(place > start ? place - 1 : -1)
        next.append(place + 1)
        self.frequencies.append(Int32(clamping: frequency))
      }
      next[tokens.count - 1] = -1
    }
    for place in tokens.indices where next[place] >= 0 {
      add(TokenPair(tokens[place], tokens[place + 1]), at: Int32(place))
    }
    for number in pairs.indices { offer(number) }
  }

  /// Merges pairs into tokens from `first` on, at most `count` and as many as there are.
  mutating func merge(first: Int32, count: Int) -> [TokenPair] {
    var merged: [TokenPair] = []
    while merged.count < count, let best = queue.pop() {
      let frequency = pairs[best.number].frequency
      if frequency != best.frequency {
        offer(best.number)
        continue
      }
      let known = pairs.count
      merge(best.number, into: first + Int32(merged.count))
      merged.append(best.pair)
      // A pair becomes more frequent only while one of its tokens is made.
      for number in known..<pairs.count { offer(number) }
    }
    return merged
  }

  /// Merges a pair from left to right, as its places are.
  private mutating func merge(_ number: Int, into token: Int32) {
    let pair = pairs[number].pair
    let places = pairs[number].places
    pairs[number].places = []
    for place in places {
      let right = next[Int(place)]
      guard tokens[Int(place)] == pair.left, right >= 0, tokens[Int(right)] == pair.right else {
        continue
      }
      let (before, after) = (previous[Int(place)], next[Int(right)])
      if before >= 0 { remove(TokenPair(tokens[Int(before)], pair.left), at: place) }
      if after >= 0 { remove(TokenPair(pair.right, tokens[Int(after)]), at: place) }
      tokens[Int(place)] = token
      tokens[Int(right)] = -1
      next[Int(place)] = after
      if after >= 0 { previous[Int(after)] = place }
      if before >= 0 { add(TokenPair(tokens[Int(before)], token), at: before) }
      if after >= 0 { add(TokenPair(token, tokens[Int(after)]), at: place) }
    }
    pairs[number].frequency = 0
  }

  private mutating func add(_ pair: TokenPair, at place: Int32) {
    let number = Int(numbers.insert(pair))
    if number == pairs.count { pairs.append(Pair(pair: pair)) }
    pairs[number].frequency += Int(frequencies[Int(place)])
    pairs[number].places.append(place)
  }

  /// Counts a pair that is no longer at a place.
  private mutating func remove(_ pair: TokenPair, at place: Int32) {
    pairs[Int(numbers.number(of: pair))].frequency -= Int(frequencies[Int(place)])
  }

  private mutating func offer(_ number: Int) {
    guard pairs[number].frequency > 0 else { return }
    queue.push(
      Candidate(
        frequency: pairs[number].frequency, pair: pairs[number].pair, number: number))
  }
}
