package import Diagnostics

extension Communicator {
  /// Fills every rank's range from the rank that has it.
  package func allGather(
    _ base: UnsafeMutableRawPointer, _ plan: GatherPlan
  ) throws(Failure) {
    try unsafe allGather(base, plan, in: .allGather)
  }

  /// Fills every rank's range, given in bytes, from the rank that has it.
  package func allGather(
    _ base: UnsafeMutableRawPointer, ranges: [Range<Int>]
  ) throws(Failure) {
    try unsafe allGather(base, gatherPlan(ranges), in: .allGather)
  }

  /// The plan of an all-gather that is repeated, so that it need not be worked out again.
  package func gatherPlan(_ ranges: [Range<Int>]) -> GatherPlan {
    precondition(ranges.count == size, "An all-gather takes one range from each rank.")
    return GatherPlan(ranges: ranges, rank: rank)
  }

  /// Fills the ranges of all other ranks, given in bytes, in rank 0's memory; its own it leaves.
  ///
  /// `own` is what is sent, and `whole`, where rank 0 has it, what is filled.
  package func gather(
    _ own: UnsafeRawPointer?, into whole: UnsafeMutableRawPointer?, ranges: [Range<Int>]
  ) throws(Failure) {
    precondition(ranges.count == size, "A gather takes one range from each rank.")
    if rank > 0, !ranges[rank].isEmpty, let own = unsafe own {
      try unsafe send(own, count: ranges[rank].count, to: 0, in: .gather)
    }
    for peer in 1..<max(1, size) where rank == 0 && !ranges[peer].isEmpty {
      guard let whole = unsafe whole else { preconditionFailure("Rank 0 has the memory.") }
      try unsafe receive(
        whole + ranges[peer].lowerBound, count: ranges[peer].count, from: peer, in: .gather)
    }
    try wait(for: .gather)
  }

  /// Gives all ranks the bytes of rank 0.
  package func broadcast(_ base: UnsafeMutableRawPointer, count: Int) throws(Failure) {
    var ranges = Array(repeating: 0..<0, count: size)
    ranges[0] = 0..<count
    try unsafe allGather(base, gatherPlan(ranges), in: .broadcast)
  }

  /// Returns rank 0's bytes on all ranks; what the others pass is not looked at.
  package func broadcast(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    guard size > 1 else { return bytes }
    var count = bytes.count
    try unsafe broadcast(&count, count: MemoryLayout<Int>.size)
    var result = rank == 0 ? bytes : [UInt8](repeating: 0, count: count)
    try unsafe broadcast(&result, count: count)
    return result
  }

  /// The greatest of each of the ranks' numbers.
  package func greatest(_ numbers: [Double]) throws(Failure) -> [Double] {
    let count = numbers.count
    var all = [Double](repeating: 0, count: count * size)
    all.replaceSubrange(count * rank..<count * (rank + 1), with: numbers)
    try unsafe allGather(
      &all, ranges: (0..<size).map { 8 * count * $0..<8 * count * ($0 + 1) })
    return numbers.indices.map { place in
      stride(from: place, to: all.count, by: count).map { all[$0] }.max() ?? 0
    }
  }

  /// Returns when all ranks have come here.
  package func barrier() throws(Failure) { try barrier(.barrier) }

  /// A byte from everyone: MPI's own barrier would meet another of its operations half-way, where
  /// messages tagged with their operation wait and are told apart.
  func barrier(_ operation: Operation) throws(Failure) {
    _ = try collect([0], counts: Array(repeating: 1, count: size), in: operation)
  }

  func allGather(
    _ base: UnsafeMutableRawPointer, _ plan: GatherPlan, in operation: Operation
  ) throws(Failure) {
    for stage in plan.stages {
      for exchange in stage {
        for range in exchange.received {
          try unsafe receive(
            base + range.lowerBound, count: range.count, from: exchange.peer, in: operation)
        }
        for range in exchange.sent {
          try unsafe send(
            base + range.lowerBound, count: range.count, to: exchange.peer, in: operation)
        }
      }
      try wait(for: operation)
    }
  }

  /// Every rank's bytes, of counts that all ranks know.
  func collect(
    _ bytes: [UInt8], counts: [Int], in operation: Operation
  ) throws(Failure) -> [ArraySlice<UInt8>] {
    var end = 0
    let ranges = counts.map { count in
      defer { end += count }
      return end..<end + count
    }
    var all = [UInt8](repeating: 0, count: end)
    all.replaceSubrange(ranges[rank], with: bytes)
    let plan = GatherPlan(ranges: ranges, rank: rank)
    try unsafe allGather(&all, plan, in: operation)
    return ranges.map { all[$0] }
  }

  /// The text of rank 0, on every rank.
  package func broadcast(_ text: String) throws(Failure) -> String {
    String(decoding: try broadcast(Array(text.utf8)), as: UTF8.self)
  }
}
