package import Diagnostics

extension Communicator {
  /// Copies the range of each rank to all ranks, as planned.
  ///
  /// The corresponding MPI function is `MPI_Allgatherv`.
  package func allGather(
    _ base: UnsafeMutableRawPointer, _ plan: GatherPlan
  ) throws(Failure) {
    try unsafe allGather(base, plan, in: .allGather)
  }

  /// Copies the range of each rank, in bytes, to all ranks.
  ///
  /// The corresponding MPI function is `MPI_Allgatherv`.
  package func allGather(
    _ base: UnsafeMutableRawPointer, ranges: [Range<Int>]
  ) throws(Failure) {
    try unsafe allGather(base, gatherPlan(ranges), in: .allGather)
  }

  /// Returns a plan for an all-gather that is repeated.
  package func gatherPlan(_ ranges: [Range<Int>]) -> GatherPlan {
    precondition(ranges.count == size, "An all-gather takes one range from each rank.")
    return GatherPlan(ranges: ranges, rank: rank)
  }

  /// Copies the ranges of the other ranks, in bytes, to the memory of rank 0.
  ///
  /// Each rank sends `own`; rank 0 receives into `whole` and leaves its own range unchanged.
  /// The corresponding MPI function is `MPI_Gatherv`.
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

  /// Copies the bytes of rank 0 to all ranks.
  ///
  /// The corresponding MPI function is `MPI_Bcast`.
  package func broadcast(_ base: UnsafeMutableRawPointer, count: Int) throws(Failure) {
    var ranges = Array(repeating: 0..<0, count: size)
    ranges[0] = 0..<count
    try unsafe allGather(base, gatherPlan(ranges), in: .broadcast)
  }

  /// Returns the bytes of rank 0 on all ranks; the arguments of other ranks are ignored.
  package func broadcast(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    guard size > 1 else { return bytes }
    var count = bytes.count
    try unsafe broadcast(&count, count: MemoryLayout<Int>.size)
    var result = rank == 0 ? bytes : [UInt8](repeating: 0, count: count)
    try unsafe broadcast(&result, count: count)
    return result
  }

  /// Returns the text of rank 0 on all ranks.
  package func broadcast(_ text: String) throws(Failure) -> String {
    String(decoding: try broadcast(Array(text.utf8)), as: UTF8.self)
  }

  /// Returns the element-wise maximum over all ranks.
  ///
  /// The corresponding MPI function is `MPI_Allreduce` with `MPI_MAX`.
  package func maximum(_ numbers: [Double]) throws(Failure) -> [Double] {
    let count = numbers.count
    var all = [Double](repeating: 0, count: count * size)
    all.replaceSubrange(count * rank..<count * (rank + 1), with: numbers)
    try unsafe allGather(
      &all, ranges: (0..<size).map { 8 * count * $0..<8 * count * ($0 + 1) })
    return numbers.indices.map { place in
      stride(from: place, to: all.count, by: count).map { all[$0] }.max() ?? 0
    }
  }

  /// Waits until all ranks have called it.
  ///
  /// The corresponding MPI function is `MPI_Barrier`.
  package func barrier() throws(Failure) { try barrier(.barrier) }

  /// Gathers a byte from each rank instead of calling `MPI_Barrier`.
  ///
  /// If ranks call different operations, tagged messages do not match and the roll call reports
  /// it; two different collectives of MPI could match each other in part.
  func barrier(_ operation: Collective) throws(Failure) {
    _ = try allGather([0], counts: Array(repeating: 1, count: size), in: operation)
  }

  func allGather(
    _ base: UnsafeMutableRawPointer, _ plan: GatherPlan, in operation: Collective
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

  /// Returns the bytes of all ranks; `counts` is the same on all ranks.
  func allGather(
    _ bytes: [UInt8], counts: [Int], in operation: Collective
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
}
