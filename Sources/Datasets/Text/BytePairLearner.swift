/// Learns byte pairs: the most frequent pair of adjacent tokens becomes a token, again and again.
///
/// Of equally frequent pairs the one of the smallest tokens is merged, as in the Python package
/// `tokenizers`. The counts of pairs are kept up to date, since a merge changes few of them
/// (Sennrich, Haddow and Birch 2016).
struct BytePairLearner {
  /// The tokens of all words, which shrink where they are.
  private var tokens: [Int32] = []
  private var words: [Word] = []
  private var numbers: [TokenPair: Int] = [:]
  private var pairs: [Pair] = []
  private var queue = Heap<Candidate>()

  private struct Word {
    let start: Int
    var count: Int
    let frequency: Int
  }

  private struct Pair {
    let pair: TokenPair
    var frequency = 0
    /// The words that have it, or had it.
    var words: [Int32] = []
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
      let word = words[index]
      self.words.append(Word(start: tokens.count, count: word.count, frequency: frequency))
      for byte in word { tokens.append(bytes[Int(byte)]) }
    }
    for (index, word) in self.words.enumerated() {
      for place in word.start..<word.start + word.count - 1 {
        add(word.frequency, TokenPair(tokens[place], tokens[place + 1]), in: index)
      }
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

  private mutating func merge(_ number: Int, into token: Int32) {
    let pair = pairs[number].pair
    let affected = pairs[number].words
    pairs[number].words = []
    for index in affected {
      let word = words[Int(index)]
      let end = word.start + word.count
      var (read, write) = (word.start, word.start)
      while read < end {
        guard read + 1 < end, tokens[read] == pair.left, tokens[read + 1] == pair.right else {
          tokens[write] = tokens[read]
          (read, write) = (read + 1, write + 1)
          continue
        }
        if write > word.start {
          let before = tokens[write - 1]
          add(-word.frequency, TokenPair(before, pair.left), in: Int(index))
          add(word.frequency, TokenPair(before, token), in: Int(index))
        }
        if read + 2 < end {
          let after = tokens[read + 2]
          add(-word.frequency, TokenPair(pair.right, after), in: Int(index))
          add(word.frequency, TokenPair(token, after), in: Int(index))
        }
        tokens[write] = token
        (read, write) = (read + 2, write + 1)
      }
      words[Int(index)].count = write - word.start
    }
    pairs[number].frequency = 0
  }

  private mutating func add(_ frequency: Int, _ pair: TokenPair, in word: Int) {
    var number = pairs.count
    if let known = numbers[pair] {
      number = known
    } else {
      numbers[pair] = number
      pairs.append(Pair(pair: pair))
    }
    pairs[number].frequency += frequency
    if frequency > 0, pairs[number].words.last != Int32(word) {
      pairs[number].words.append(Int32(word))
    }
  }

  private mutating func offer(_ number: Int) {
    guard pairs[number].frequency > 0 else { return }
    queue.push(
      Candidate(
        frequency: pairs[number].frequency, pair: pairs[number].pair, number: number))
  }
}
