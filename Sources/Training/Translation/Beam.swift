internal import Elementary

/// The most probable translations of one text that a search follows, step by step.
///
/// Beside the best `width` beginnings it always follows the greedy one, so its result is never less
/// probable than that of a greedy search, which is one of width 1.
package struct Beam: Sendable {
  /// A translation without its end, and the logarithm of its probability.
  package struct Translation: Equatable, Sendable {
    package var tokens: [Int32]
    package var logProbability: Double

    package init(tokens: [Int32] = [], logProbability: Double = 0) {
      self.tokens = tokens
      self.logProbability = logProbability
    }
  }

  private let width: Int
  /// The token that ends a translation; it is also read before the first one.
  private let end: Int32
  /// Translations that have no end after so many steps stop there.
  private let limit: Int
  private var steps = 0
  private var beginnings = [Translation()]
  /// The place of the greedy one, while it has no end.
  private var greedy: Int? = 0
  private var finished: Translation?

  package init(width: Int, end: Int32, limit: Int) {
    precondition(width > 0 && limit > 0)
    self.width = width
    self.end = end
    self.limit = limit
  }

  /// Whether no beginning can become more probable than what was found.
  package var isDone: Bool {
    beginnings.allSatisfy { $0.logProbability <= finished?.logProbability ?? -.infinity }
  }

  /// The most probable translation that was found.
  package var best: Translation {
    finished ?? beginnings.max { $0.logProbability < $1.logProbability }
      ?? Translation(logProbability: -.infinity)
  }

  /// The token that each beginning ends with, which its next step reads.
  package var lastTokens: [Int32] { beginnings.map { $0.tokens.last ?? end } }

  private struct Candidate {
    let row: Int
    let token: Int32
    let logProbability: Double

    /// Whether it is better; equal ones are in the order of rows and tokens.
    static func > (a: Candidate, b: Candidate) -> Bool {
      a.logProbability != b.logProbability
        ? a.logProbability > b.logProbability : (a.row, a.token) < (b.row, b.token)
    }
  }

  /// Takes a step, with the scores of all tokens behind each beginning.
  ///
  /// Returns for each new beginning the place of the one that it continues.
  package mutating func advance(
    _ scores: (_ beginning: Int) -> UnsafeBufferPointer<Float>
  ) -> [Int] {
    var candidates: [Candidate] = []
    var greediest: Candidate?
    for (row, beginning) in beginnings.enumerated() {
      let own = unsafe continuations(of: beginning, row, scores(row))
      candidates += own
      if row == greedy { greediest = own.first }
    }
    candidates.sort(by: >)
    var chosen = Array(candidates.prefix(width))
    if let greediest, !chosen.contains(where: { $0.row == greedy && $0.token == greediest.token }) {
      chosen[chosen.count - 1] = greediest
    }
    steps += 1
    let before = beginnings
    let place = greedy
    (beginnings, greedy) = ([], nil)
    var parents: [Int] = []
    for one in chosen {
      var translation = before[one.row]
      translation.logProbability = one.logProbability
      if one.token != end { translation.tokens.append(one.token) }
      if one.token == end || steps == limit {
        if translation.logProbability > finished?.logProbability ?? -.infinity {
          finished = translation
        }
      } else {
        if one.row == place, one.token == greediest?.token { greedy = beginnings.count }
        beginnings.append(translation)
        parents.append(one.row)
      }
    }
    return parents
  }

  /// The best continuations of a beginning, the best one first.
  private func continuations(
    of beginning: Translation, _ row: Int, _ scores: UnsafeBufferPointer<Float>
  ) -> [Candidate] {
    let highest = unsafe Double(scores.max() ?? 0)
    let sum = unsafe scores.reduce(0.0) { $0 + .exp(Double($1) - highest) }
    let total = highest + .log(sum)
    var all = unsafe scores.enumerated().map { token, score in
      Candidate(
        row: row, token: Int32(token),
        logProbability: beginning.logProbability + (Double(score) - total))
    }
    all.sort(by: >)
    return Array(all.prefix(width))
  }
}
