import Foundation
import TestSupport
import Testing
import Training

/// Searches over tables of scores, which depend on all tokens before.
@Suite struct BeamTests {
  /// A table of scores for every beginning, drawn anew for each.
  private struct Table {
    let tokens: Int
    let seed: UInt64
    var end: Int32 { Int32(tokens - 1) }

    func scores(behind beginning: [Int32]) -> [Float] {
      let place = beginning.reduce(UInt64(1)) { $0 &* 31 &+ UInt64($1) &+ 1 }
      var random = XorShift(seed: seed &* 7919 &+ place)
      return (0..<tokens).map { _ in Float(random.number(in: -2...2)) }
    }

    func logProbabilities(behind beginning: [Int32]) -> [Double] {
      let scores = scores(behind: beginning).map(Double.init)
      let sum = scores.reduce(0) { $0 + exp($1) }
      return scores.map { $0 - log(sum) }
    }

    func search(width: Int, limit: Int) -> Beam.Translation {
      var beam = Beam(width: width, end: end, limit: limit)
      var beginnings: [[Int32]] = [[]]
      while !beam.isDone {
        let rows = beginnings.map(scores)
        let parents = unsafe beam.advance { row in
          unsafe rows[row].withUnsafeBufferPointer { unsafe UnsafeBufferPointer(rebasing: $0[...]) }
        }
        beginnings = zip(parents, beam.lastTokens).map { beginnings[$0] + [$1] }
      }
      return beam.best
    }

    /// All translations of at most so many steps, the end among them.
    func all(limit: Int, behind beginning: Beam.Translation? = nil) -> [Beam.Translation] {
      let before = beginning ?? Beam.Translation()
      guard limit > 0 else { return [before] }
      return logProbabilities(behind: before.tokens).enumerated().flatMap { token, logarithm in
        var next = before
        next.logProbability += logarithm
        guard token != tokens - 1 else { return [next] }
        next.tokens.append(Int32(token))
        return all(limit: limit - 1, behind: next)
      }
    }
  }

  /// A beam with room for all beginnings finds the most probable translation of all.
  @Test func aWideBeamIsExhaustive() throws {
    for seed in 0..<200 {
      let table = Table(tokens: 3, seed: UInt64(seed))
      let best = try #require(
        table.all(limit: 5).max { $0.logProbability < $1.logProbability })
      let found = table.search(width: 64, limit: 5)
      #expect(found.tokens == best.tokens, "seed \(seed)")
      #expect(isClose(found.logProbability, best.logProbability, absolute: 1e-9))
    }
  }

  @Test func aBeamOfOneIsGreedy() {
    for seed in 0..<200 {
      let table = Table(tokens: 6, seed: UInt64(seed))
      var tokens: [Int32] = []
      var sum = 0.0
      for _ in 0..<8 {
        let logarithms = table.logProbabilities(behind: tokens)
        let best = logarithms.indices.max { logarithms[$0] < logarithms[$1] } ?? 0
        sum += logarithms[best]
        guard best != 5 else { break }
        tokens.append(Int32(best))
      }
      let found = table.search(width: 1, limit: 8)
      #expect(found.tokens == tokens, "seed \(seed)")
      #expect(isClose(found.logProbability, sum, absolute: 1e-9))
    }
  }

  /// A plain beam search can lose the greedy translation, and with it the better one.
  @Test(arguments: [2, 3, 4, 8]) func neverBelowGreedy(_ width: Int) {
    var isBetter = 0
    for seed in 0..<1000 {
      let table = Table(tokens: 5, seed: UInt64(seed))
      let greedy = table.search(width: 1, limit: 10).logProbability
      let found = table.search(width: width, limit: 10)
      #expect(found.logProbability >= greedy - 1e-12, "seed \(seed)")
      isBetter += found.logProbability > greedy + 1e-9 ? 1 : 0
    }
    #expect(isBetter > 300)
  }

  /// Of equal scores the lower token is first, so that a search has one result.
  @Test func tiesAreInTheOrderOfTokens() {
    var beam = Beam(width: 2, end: 3, limit: 1)
    let scores: [Float] = [0, 0, 0, 0]
    _ = unsafe scores.withUnsafeBufferPointer { scores in unsafe beam.advance { _ in unsafe scores }
    }
    #expect(beam.best.tokens == [0])
  }
}
