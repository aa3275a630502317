internal import Randomness

/// Sentences of a small grammar as characters; the label of each step is the next character.
///
/// A verb has the number of its subject, which may stand before a relative clause: "the birds that
/// follow a fox sing." A sample is the beginning of a text of its own.
enum Sentences {
  private static let articles = [["a", "the", "every"], ["the", "many", "two"]]
  private static let adjectives = ["small", "old", "red", "happy"]
  private static let nouns = [
    ["cat", "bird", "child", "fox", "king"], ["cats", "birds", "children", "foxes", "kings"],
  ]
  private static let transitive = [
    ["sees", "likes", "follows", "hears"], ["see", "like", "follow", "hear"],
  ]
  private static let intransitive = [["sleeps", "sings", "runs"], ["sleep", "sing", "run"]]

  fileprivate static let tokeniser: Tokeniser = {
    let words = (articles + [adjectives] + nouns + transitive + intransitive).joined()
    let letters = Set((words.joined() + " that.").utf8)
    return Tokeniser(.characters, symbols: letters.sorted().map { [$0] })
  }()

  /// Draws words one after the other.
  private struct Speaker {
    let stream: RandomStream
    var index = 0
    var words: [String] = []

    mutating func draw(below limit: Int) -> Int {
      index += 1
      return stream.integer(below: limit, at: index - 1)
    }

    mutating func say(_ choices: [String]) { words.append(choices[draw(below: choices.count)]) }

    /// A noun with what belongs to it; the depth is that of clauses.
    mutating func noun(_ number: Int, depth: Int) {
      say(articles[number])
      if draw(below: 3) == 0 { say(adjectives) }
      say(nouns[number])
      guard depth < 2, draw(below: 4) == 0 else { return }
      words.append("that")
      verb(number, depth: depth + 1)
    }

    mutating func verb(_ number: Int, depth: Int) {
      guard draw(below: 2) == 0 else { return say(intransitive[number]) }
      say(transitive[number])
      noun(draw(below: 2), depth: depth + 1)
    }

    mutating func sentence() -> String {
      words = []
      let number = draw(below: 2)
      noun(number, depth: 0)
      verb(number, depth: 0)
      return words.joined(separator: " ") + ". "
    }
  }

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, steps: Int
  ) -> Dataset {
    var numbers: [Int32] = []
    var labels: [Int32] = []
    for sample in 0..<count {
      var speaker = Speaker(stream: RandomStream(drawing: "sentences", split, sample: sample))
      var text: [UInt8] = []
      while text.count <= steps { text += speaker.sentence().utf8 }
      let tokens = text.prefix(steps + 1).map { byte in
        Int32((tokeniser.symbols.index(of: [byte]) ?? -1) + 1)
      }
      numbers += tokens.dropLast()
      labels += tokens.dropFirst()
    }
    return Dataset(
      shape: [steps], elements: .integers(numbers),
      targets: .classes(labels, names: tokeniser.names, shape: [steps]),
      normalisation: .identity, tokens: tokeniser)
  }
}

extension DrawnDataset {
  static let sentences = DrawnDataset(steps: 64, atLeast: 1) { steps in
    DrawnDataset(
      "sentences", defaultSizes: (10_000, 1000), shape: [steps], .int32,
      .classes(Sentences.tokeniser.size, shape: [steps]), tokens: Sentences.tokeniser.size
    ) { split, count, _ in Sentences.dataset(split, count: count, steps: steps) }
  }
}
