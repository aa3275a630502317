import Testing
import Training

@Suite struct ShardLayoutTests {
  static let batches = Array(1...70) + [100, 127, 128, 129, 255, 256, 1000]

  @Test(arguments: batches) func shardsDivideTheBatchInOrder(_ batch: Int) {
    for shards in powersOfTwo(upTo: batch) {
      let layout = ShardLayout(batch: batch, shards: shards)
      #expect(layout.size * shards >= batch && (layout.size - 1) * shards < batch)
      for samples in 1...batch {
        let places = (0..<shards).map { layout.places(of: $0, in: samples) }
        #expect(Array(places.joined()) == Array(0..<samples))
        let sizes = places.map(\.count)
        let present = sizes.prefix { $0 > 0 }
        #expect(layout.present(in: samples) == present.count)
        #expect(sizes.dropFirst(present.count).allSatisfy { $0 == 0 })
        #expect(present.dropLast().allSatisfy { $0 == layout.size })
        #expect(layout.sizes(in: samples) == Set(present).sorted(by: >))
      }
    }
  }

  @Test func standardLeavesSixteenSamplesOrMakesFourShards() {
    for batch in 1...2000 {
      let possible = powersOfTwo(upTo: batch)
      let roomy = possible.last { batch >= 16 * $0 } ?? 1
      let fewest = possible.last { $0 <= 4 } ?? 1
      let layout = ShardLayout.standard(batch: batch)
      #expect(layout == ShardLayout(batch: batch, shards: max(roomy, fewest)))
    }
  }

  @Test func examples() {
    #expect(ShardLayout.standard(batch: 64).shards == 4)
    let layout = ShardLayout(batch: 50, shards: 16)
    #expect(layout.size == 4)
    #expect(layout.present(in: 50) == 13)
    #expect(layout.places(of: 12, in: 50) == 48..<50)
    #expect(layout.places(of: 13, in: 50).isEmpty)
    #expect(layout.sizes(in: 50) == [4, 2])
    #expect(layout.sizes(in: 48) == [4])
    #expect(layout.sizes(in: 3) == [3])
  }
}

private func powersOfTwo(upTo limit: Int) -> [Int] {
  (0..<20).map { 1 << $0 }.filter { $0 <= limit }
}
