import EventFiles
import TestSupport
import Testing

@Suite struct HistogramTests {
  /// The limits above 0, as TensorFlow makes them.
  private static let limits: [Double] = {
    var limits = [1e-12]
    while limits[limits.count - 1] * 1.1 < 1e20 { limits.append(limits[limits.count - 1] * 1.1) }
    return limits + [.greatestFiniteMagnitude]
  }()

  /// The bucket of each number is the first whose limit is greater.
  private static func expected(_ values: [Float]) -> [Double: Int] {
    let all = limits.reversed().map { -$0 } + [0] + limits
    var counts: [Double: Int] = [:]
    for value in values where value.isFinite {
      counts[all.first { $0 > Double(value) } ?? .nan, default: 0] += 1
    }
    return counts
  }

  private static func found(_ values: [Float]) -> [Double: Int] {
    Dictionary(
      uniqueKeysWithValues: Histogram(values.span).buckets.filter { $0.count > 0 }
        .map { ($0.limit, $0.count) })
  }

  @Test func everyNumberIsInTheFirstBucketWithAGreaterLimit() {
    var random = XorShift(seed: 3)
    for _ in 0..<20 {
      let values = (0..<2000).map { _ in
        Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
      }
      #expect(Self.found(values) == Self.expected(values))
    }
    // The numbers beside every limit, of which none has single precision itself.
    let beside = Self.limits.dropLast().flatMap { limit -> [Float] in
      #expect(Double(Float(limit)) != limit)
      let near = Float(limit)
      return [near.nextDown, near, near.nextUp].flatMap { [$0, -$0] }
    }
    #expect(Self.found(beside) == Self.expected(beside))
    let ends: [Float] = [
      0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude,
    ]
    #expect(Self.found(ends) == Self.expected(ends))
  }

  @Test func bucketsWithoutNumbersAreJoined() {
    let buckets = Histogram(([-1, 2, 2] as [Float]).span).buckets
    #expect(buckets.map(\.count) == [1, 0, 2])
    #expect(buckets[0].limit > -1 && buckets[1].limit < 2 && buckets[2].limit > 2)
    #expect(Histogram(([0, 0] as [Float]).span).buckets.map(\.count) == [2])
    #expect(Histogram([Float]().span).buckets.isEmpty)
    #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0.limit < $1.limit })
  }

  @Test func sumsAreOfWhatIsFinite() {
    let histogram = Histogram(([1, .nan, -3, .infinity] as [Float]).span)
    #expect(histogram.count == 2 && histogram.notFinite == 2)
    #expect(histogram.least == -3 && histogram.greatest == 1)
    #expect(histogram.sum == -2 && histogram.sumOfSquares == 10)
  }
}
