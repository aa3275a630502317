import Diagnostics
import Foundation
import TestSupport
import Testing

import Training

@Suite struct TokenDistributionTests {
  private struct Golden: Decodable {
    let temperature: Double
    let top_k: Int?
    let top_p: Double?
    let penalty: Double
    let scores: [Float]
    let seen: [Int32]
    let probabilities: [Double]
    let numbers: [Double]
    let drawn: [Int32]
  }

  private func distribution(
    _ scores: [Float], _ choice: TokenChoice, seen: [Int32] = [], excluding: Int32? = nil
  ) throws -> TokenDistribution {
    var distribution = TokenDistribution(choice, tokens: scores.count, excluding: excluding)
    for token in seen { distribution.add(token) }
    try unsafe scores.withUnsafeBufferPointer { try unsafe distribution.read($0) }
    return distribution
  }

  private func probabilities(_ distribution: TokenDistribution) -> [Double] {
    let whole = distribution.weights.reduce(0) { $0 + Double($1) }
    return distribution.weights.map { Double($0) / whole }
  }

  @Test func probabilitiesAndDrawsAreThoseOfNumPy() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../References/draws.json")
    let cases = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
    #expect(cases.count == 17)
    for (number, golden) in cases.enumerated() {
      let choice = TokenChoice(
        temperature: golden.temperature, topK: golden.top_k, topP: golden.top_p,
        repetitionPenalty: golden.penalty)
      let found = try distribution(golden.scores, choice, seen: golden.seen)
      for (a, b) in zip(probabilities(found), golden.probabilities) {
        #expect(isClose(a, b, relative: 1e-5, absolute: 1e-7), "case \(number)")
        #expect((a > 0) == (b > 0), "case \(number)")
      }
      #expect(golden.numbers.map(found.token) == golden.drawn, "case \(number)")
    }
  }

  /// The frequencies of 100,000 draws are within five deviations of the probabilities.
  @Test func drawsHaveTheProbabilities() throws {
    var random = XorShift(seed: 4)
    let scores = (0..<12).map { _ in Float(random.number(in: -2...2)) }
    let found = try distribution(scores, TokenChoice(topK: 9))
    let count = 100_000
    var counts = [Int](repeating: 0, count: scores.count)
    for _ in 0..<count {
      counts[Int(found.token(at: Double.random(in: 0..<1, using: &random)))] += 1
    }
    for (drawn, probability) in zip(counts, probabilities(found)) {
      let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
      #expect(abs(Double(drawn) - Double(count) * probability) <= 5 * deviation)
    }
  }

  /// Selection finds what a sort does, also among equal weights.
  @Test func selectionIsASort() {
    var random = XorShift(seed: 7)
    for _ in 0..<2000 {
      let count = random.integer(in: 1...60)
      let tokens = (0..<count).map {
        WeightedToken(weight: Float(random.integer(in: 1...9)) / 8, token: Int32($0))
      }.shuffled(using: &random)
      let sorted = tokens.sorted { $0.isBefore($1) }
      let limit = random.integer(in: 1...count + 2)
      // In eighths, so that all sums are exact.
      let mass =
        random.integer(in: 0...3) == 0 ? .infinity : Double(random.integer(in: 0...300)) / 8
      var (expected, sum) = (0, 0.0)
      repeat {
        sum += Double(sorted[expected].weight)
        expected += 1
      } while expected < min(limit, count) && sum < mass
      var found = tokens
      let number = found.moveGreatest(of: count, limit: limit, mass: mass)
      #expect(number == expected)
      #expect(Set(found[..<number].map(\.token)) == Set(sorted[..<expected].map(\.token)))
      #expect(found.map(\.token).sorted() == (0..<Int32(count)).map { $0 })
    }
  }

  @Test func aTokenCanBeExcluded() throws {
    for choice in [TokenChoice(), TokenChoice(temperature: 0), TokenChoice(topK: 2)] {
      let found = try distribution([9, 1, 0.5], choice, excluding: 0)
      #expect(found.token(at: 0) == 1 && found.weights[0] == 0)
    }
  }

  @Test func theBestComeFirst() throws {
    let best = try distribution([0, 3, 1, 2], TokenChoice()).best(3)
    #expect(best.map(\.token) == [1, 3, 2])
    let whole = 1 + exp(-1.0) + exp(-2.0) + exp(-3.0)
    #expect(isClose(best[1].probability, exp(-1) / whole, relative: 1e-6))
  }

  /// A temperature that is almost 0 takes the greatest score, and no score is a trap.
  @Test func extremeNumbers() throws {
    for temperature in [1e-300, 1e-38, 100] {
      let found = try distribution(
        [-3e38, 3e38, -.infinity], TokenChoice(temperature: temperature))
      #expect(found.token(at: 0.5) == 1)
    }
    for scores in [[.nan, 1, 2], [1, .nan, 2], [1, 2, .infinity], [-.infinity, -.infinity]]
      as [[Float]]
    {
      let error = #expect(throws: Failure.self) { try distribution(scores, TokenChoice()) }
      #expect(error?.code == .notFinite)
    }
  }
}
