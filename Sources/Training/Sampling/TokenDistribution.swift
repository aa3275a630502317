package import Diagnostics
internal import Elementary

/// The probabilities of the next token, and draws from them.
package struct TokenDistribution {
  private let choice: TokenChoice
  /// A token that is never drawn.
  private let excluded: Int?
  /// What the probabilities of all tokens are proportional to: 1 for the greatest.
  package private(set) var weights: [Float]
  private var candidates: [WeightedToken] = []
  /// The tokens so far, each once.
  private var seen: [Int] = []
  private var isSeen: [Bool]

  package init(_ choice: TokenChoice, tokens count: Int, excluding excluded: Int32? = nil) {
    self.choice = choice
    self.excluded = excluded.map { Int($0) }
    weights = Array(repeating: 0, count: count)
    isSeen = Array(repeating: false, count: count)
  }

  /// Forgets the tokens so far.
  package mutating func restart() {
    for token in seen { isSeen[token] = false }
    seen.removeAll(keepingCapacity: true)
  }

  /// Adds a token to those that the penalty applies to.
  package mutating func add(_ token: Int32) {
    guard choice.repetitionPenalty != 1, !isSeen[Int(token)] else { return }
    isSeen[Int(token)] = true
    seen.append(Int(token))
  }

  /// Takes the scores of a network, of which softmax makes probabilities.
  package mutating func read(_ scores: UnsafeBufferPointer<Float>) throws(Failure) {
    unsafe weights.withUnsafeMutableBufferPointer { weights in
      for token in weights.indices { unsafe weights[token] = scores[token] }
    }
    let penalty = Float(choice.repetitionPenalty)
    for token in seen {
      let score = weights[token]
      weights[token] = score > 0 ? score / penalty : score * penalty
    }
    if let excluded { weights[excluded] = -.infinity }
    let (maximum, best) = greatest()
    guard maximum.isFinite else {
      throw Failure(
        .notFinite, "the network gives no next token: the greatest of its scores is \(maximum)")
    }
    let temperature = Float(choice.temperature)
    guard temperature > 0 else {
      for token in weights.indices { weights[token] = token == best ? 1 : 0 }
      return
    }
    unsafe weights.withUnsafeMutableBufferPointer { weights in
      for token in weights.indices {
        unsafe weights[token] = .exp((weights[token] - maximum) / temperature)
      }
    }
    if choice.topK != nil || choice.topP != nil { keepMostProbable() }
  }

  /// The greatest weight and its first place; NaN if there is one.
  private func greatest() -> (weight: Float, token: Int) {
    var (maximum, best) = (-Float.infinity, 0)
    for token in weights.indices where !(weights[token] <= maximum) {
      (maximum, best) = (weights[token], token)
      if maximum.isNaN { break }
    }
    return (maximum, best)
  }

  /// Sets the weights of all but the most probable tokens to 0.
  private mutating func keepMostProbable() {
    candidates.removeAll(keepingCapacity: true)
    for token in weights.indices where weights[token] > 0 {
      candidates.append(WeightedToken(weight: weights[token], token: Int32(token)))
      weights[token] = 0
    }
    var count = candidates.count
    if let limit = choice.topK {
      count = candidates.moveGreatest(of: count, limit: limit, mass: .infinity)
    }
    if let share = choice.topP {
      var whole = 0.0
      for index in 0..<count { whole += Double(candidates[index].weight) }
      count = candidates.moveGreatest(of: count, limit: count, mass: share * whole)
    }
    for candidate in candidates[..<count] { weights[Int(candidate.token)] = candidate.weight }
  }

  /// The token that a number from 0 to below 1 draws.
  package func token(at number: Double) -> Int32 {
    let target = number * weights.reduce(0) { $0 + Double($1) }
    var (sum, last) = (0.0, 0)
    for (token, weight) in weights.enumerated() where weight > 0 {
      sum += Double(weight)
      last = token
      if sum > target { break }
    }
    return Int32(last)
  }

  /// The most probable tokens with their probabilities, the greatest first.
  package func best(_ count: Int) -> [(token: Int32, probability: Double)] {
    let whole = weights.reduce(0) { $0 + Double($1) }
    var all = weights.enumerated().map { WeightedToken(weight: $1, token: Int32($0)) }
    let count = all.moveGreatest(of: all.count, limit: count, mass: .infinity)
    return all[..<count].sorted { $0.isBefore($1) }.map { ($0.token, Double($0.weight) / whole) }
  }
}
