import Communication
import Testing

@Suite struct ReductionTrafficTests {
  @Test(arguments: [(1, 0, 0), (2, 2, 8 * 4096), (4, 4, 8 * (4096 + 4096)), (8, 6, 8 * 3 * 4096)])
  func halvedVectors(ranks: Int, stages: Int, bytes: Int) {
    // The first rank keeps one of two chunks, which nobody divides further.
    #expect(
      ReductionTraffic(elements: 2 * 4096, shards: 8, ranks: ranks)
        == ReductionTraffic(stages: stages, bytes: bytes))
  }

  /// One piece from each of two others, and the sum to each of them.
  @Test func threeRanks() {
    let traffic = ReductionTraffic(elements: 3 * 4096, shards: 4, ranks: 3)
    #expect(traffic == ReductionTraffic(stages: 2, bytes: 4 * (2 * 4096 + 2 * 4096)))
  }

  /// What is too small to be shared goes to everyone at once.
  @Test func smallVectors() {
    #expect(
      ReductionTraffic(elements: 100, shards: 8, ranks: 8)
        == ReductionTraffic(stages: 3, bytes: 1200))
    #expect(
      ReductionTraffic(elements: 100, shards: 4, ranks: 3)
        == ReductionTraffic(stages: 1, bytes: 800))
  }

  private static let traffics = (0..<8).map { ReductionTraffic(stages: 2, bytes: 4096 << (2 * $0)) }

  @Test(arguments: [(50e-6, 117e6), (1e-6, 9e9)])
  func linkIsFoundInItsTimes(latency: Double, bandwidth: Double) {
    let link = Interconnect(latency: latency, bandwidth: bandwidth)
    let found = Interconnect(fitting: Self.traffics.map { ($0, link.seconds(for: $0)) })
    #expect(abs(found.latency / latency - 1) < 1e-6)
    #expect(abs(found.bandwidth / bandwidth - 1) < 1e-6)
  }

  /// Times that no link has: small messages that are slower, or faster, than they can be.
  @Test func neitherLatencyNorBandwidthHelps() {
    let falling = Interconnect(fitting: Self.traffics.map { ($0, 1 / Double($0.bytes)) })
    #expect(falling.latency > 0 && falling.bandwidth == .infinity)
    let rising = Interconnect(
      fitting: Self.traffics.map { ($0, Double($0.bytes) * Double($0.bytes)) })
    #expect(rising.latency == 0 && rising.bandwidth > 0)
  }
}
