import Randomness
import Testing

@Suite struct RandomStreamTests {
  /// Every field of the counter in use; the expected values come from Python integers.
  let stream = RandomStream(
    seed: 0x0123_4567_89ab_cdef, purpose: .dropout, unit: 0x1234, major: 0xa1_5566_7788,
    minor: 0x99aa_bbcc)

  @Test func matchesTheLayoutOfTheCounter() {
    let words: [UInt32] = [
      0x54b5_de22, 0xfab9_e4ee, 0x77d6_cf41, 0x48ac_c58f, 0x8bb5_572a, 0x7407_3711, 0x149c_5070,
      0x2f73_f00a,
    ]
    #expect((0..<8).map(stream.bits(at:)) == words)
    #expect(stream.uniform(at: 1) == 0x1.f573c8p-1)
    #expect(stream.uniformDouble(at: 1) == 0x1.df5b3d245662cp-2)
    #expect(
      (0..<8).map { stream.integer(below: 1000, at: $0) }
        == [330, 545, 806, 633, 265, 401, 573, 680])
    #expect(stream.integer(below: .max, at: 0) == 3_052_014_555_893_658_230)
  }

  @Test func normalIsBoxAndMullers() {
    let expected: [Float] = [
      0.8889622672, -0.1157143560, -0.2374454764, 1.0983168611, -1.2024038595, 0.3638371591,
      0.1618628025, 0.3763946830,
    ]
    for (i, value) in expected.enumerated() {
      #expect((stream.normal(at: i) - value).magnitude < 1e-6)
    }
  }

  @Test func streamsDifferInEveryField() {
    let streams = [
      RandomStream(seed: 1, purpose: .noise), RandomStream(seed: 2, purpose: .noise),
      RandomStream(seed: 1 << 32, purpose: .noise), RandomStream(seed: 1, purpose: .probe),
      RandomStream(seed: 1, purpose: .noise, unit: 1),
      RandomStream(seed: 1, purpose: .noise, unit: 256),
      RandomStream(seed: 1, purpose: .noise, major: 1),
      RandomStream(seed: 1, purpose: .noise, major: 1 << 32),
      RandomStream(seed: 1, purpose: .noise, major: 1 << 39),
      RandomStream(seed: 1, purpose: .noise, minor: 1),
    ]
    #expect(Set(streams.map { $0.bits(at: 0) }).count == streams.count)
    #expect(Set(Purpose.allCases.map(\.rawValue)) == Set(1...19))
  }

  @Test(arguments: 0..<9, [0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 1000])
  func fillingEqualsSingleCalls(_ first: Int, _ count: Int) {
    let uniform = unsafe [Float](unsafeUninitializedCapacity: count) { buffer, used in
      unsafe stream.fill(uniform: .init(rebasing: buffer[..<count]), from: first)
      used = count
    }
    let normal = unsafe [Float](unsafeUninitializedCapacity: count) { buffer, used in
      unsafe stream.fill(normal: .init(rebasing: buffer[..<count]), from: first)
      used = count
    }
    #expect(uniform == (0..<count).map { stream.uniform(at: first + $0) })
    #expect(normal == (0..<count).map { stream.normal(at: first + $0) })
  }

  @Test func reachesTheLastElement() {
    let last = 1 << 34 - 1
    #expect(stream.bits(at: last) == stream.bits(at: last))
    let end = unsafe [Float](unsafeUninitializedCapacity: 8) { buffer, used in
      unsafe stream.fill(uniform: .init(rebasing: buffer[..<8]), from: last - 7)
      used = 8
    }
    #expect(end == (0..<8).map { stream.uniform(at: last - 7 + $0) })
  }
}

@Suite struct Distributions {
  let stream = RandomStream(seed: 5, purpose: .probe)
  let count = 200_000

  @Test func uniform() {
    let values = (0..<count).map { Double(stream.uniform(at: $0)) }
    #expect(values.allSatisfy { 0 <= $0 && $0 < 1 })
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    #expect((mean - 0.5).magnitude < 4 * 0.2887 / Double(count).squareRoot())
    #expect((variance * 12 - 1).magnitude < 0.01)
  }

  @Test func normal() {
    let values = (0..<count).map { Double(stream.normal(at: $0)) }
    let n = Double(count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + $1 * $1 } / n
    let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
    #expect(values.allSatisfy { $0.magnitude < 5.8 })
    #expect(mean.magnitude < 4 / n.squareRoot())
    #expect((variance - 1).magnitude < 0.015)
    #expect((fourth - 3).magnitude < 0.1)
  }

  @Test(arguments: [1, 2, 3, 7, 10, 100])
  func integers(_ n: Int) {
    var counts = [Int](repeating: 0, count: n)
    for i in 0..<count { counts[stream.integer(below: n, at: i)] += 1 }
    let expected = Double(count) / Double(n)
    let chiSquared = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
    #expect(chiSquared / expected < Double(n - 1) + 5 * Double(2 * n).squareRoot())
  }
}
