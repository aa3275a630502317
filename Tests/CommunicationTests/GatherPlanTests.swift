import Testing

import Communication

/// Runs the plans of all ranks on sets of bytes; every send meets its receive.
private func simulate(_ ranges: [Range<Int>]) -> [Set<Int>] {
  var held = ranges.map { Set($0) }
  let plans = ranges.indices.map { GatherPlan(ranges: ranges, rank: $0) }
  for stage in plans[0].stages.indices {
    let before = held
    for rank in ranges.indices {
      for exchange in plans[rank].stages[stage] {
        let answer = plans[exchange.peer].stages[stage].first { $0.peer == rank }
        #expect(answer?.sent == exchange.received && answer?.received == exchange.sent)
        for range in exchange.sent {
          #expect(before[rank].isSuperset(of: range))
          held[exchange.peer].formUnion(range)
        }
      }
    }
  }
  return held
}

@Suite struct GatherPlanTests {
  @Test(arguments: 1...17)
  func `Every rank ends with every range`(ranks: Int) {
    var start = 0
    let records = (0..<ranks).map { rank in
      let count = rank % 3
      defer { start += count }
      return start..<start + count
    }
    for ranges in [
      records, records.reversed(), VectorPartition.ranges(elements: 60_000, ranks: ranks),
    ] {
      let all = Set(ranges.joined())
      #expect(simulate(ranges).allSatisfy { $0 == all })
    }
  }

  @Test(arguments: [2, 4, 8, 16, 64])
  func `Slices and records in rank order travel as one piece a stage`(ranks: Int) {
    let records = (0..<ranks).map { $0 * 8..<$0 * 8 + 8 }
    for ranges in [records, VectorPartition.ranges(elements: 4096 * 128, ranks: ranks)] {
      for rank in 0..<ranks {
        let plan = GatherPlan(ranges: ranges, rank: rank)
        #expect(plan.stages.count == ranks.trailingZeroBitCount)
        #expect(plan.stages.joined().allSatisfy { $0.sent.count == 1 && $0.received.count == 1 })
      }
    }
  }
}
