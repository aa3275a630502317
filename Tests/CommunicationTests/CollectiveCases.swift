import Communication
import Diagnostics
import Dispatch
import TestSupport
import XCTest

/// The other operations at any number of ranks: under `mpirun` by `run-ranks.sh`, alone otherwise.
final class CollectiveCases: XCTestCase {
  private var group: Communicator { Group.communicator }

  func testRanksKnowTheirPlaces() {
    XCTAssertTrue((0..<group.size).contains(group.rank))
    XCTAssertEqual(group.hosts, Array(repeating: group.host, count: group.size))
    XCTAssertEqual(group.localSize, group.size)
    XCTAssertEqual(group.localRank, group.rank)
    XCTAssertGreaterThan(group.cores, 0)
  }

  func testAllGatherFillsRangesOfAnySize() throws {
    for unit in [0, 1, 24, 5000] {
      var end = 0
      let ranges = (0..<group.size).map { rank in
        defer { end += unit * (rank % 3) }
        return end..<end + unit * (rank % 3)
      }
      var bytes = [UInt8](repeating: 0, count: end)
      for i in ranges[group.rank] { bytes[i] = UInt8(truncatingIfNeeded: i &* 7 &+ 1) }
      try unsafe group.allGather(&bytes, ranges: ranges)
      XCTAssertEqual(bytes, (0..<end).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) })
    }
  }

  func testGatherBringsRangesToRankZero() throws {
    for unit in [0, 1, 24, 5000] {
      let ranges = (0..<group.size).map { (unit * $0)..<(unit * ($0 + ($0 % 3 == 2 ? 0 : 1))) }
      let own = ranges[group.rank].map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
      var whole = [UInt8](repeating: 99, count: unit * group.size)
      try unsafe whole.withUnsafeMutableBytes { whole in
        try unsafe group.gather(
          own, into: group.rank == 0 ? whole.baseAddress : nil, ranges: ranges)
      }
      let expected = whole.indices.map { i in
        group.rank == 0 && ranges.dropFirst().contains { $0.contains(i) }
          ? UInt8(truncatingIfNeeded: i &* 7 &+ 1) : 99
      }
      XCTAssertEqual(whole, expected)
    }
  }

  func testTaskOfTheFirstRankIsWaitedFor() throws {
    let done = try BackgroundTask { 7 }
    XCTAssertEqual(try group.result(of: group.rank == 0 ? done : nil), group.rank == 0 ? 7 : nil)
    XCTAssertNil(try group.result(of: nil as BackgroundTask<Int>?))
    let failing = try BackgroundTask { () throws(Failure) -> Int in
      throw Failure(.inputOutput, "disk full")
    }
    XCTAssertThrowsError(try group.result(of: group.rank == 0 ? failing : nil)) { error in
      XCTAssertEqual((error as? Failure)?.code, .inputOutput)
    }
    done.wait()
    XCTAssertTrue(done.isDone)
  }

  func testBroadcastGivesWhatRankZeroHas() throws {
    defer { group.pieceBytes = 1 << 30 }
    group.pieceBytes = 777
    for count in [0, 1, 5000] {
      let expected = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 3) }
      XCTAssertEqual(try group.broadcast(group.rank == 0 ? expected : [9, 9]), expected)
      var bytes = group.rank == 0 ? expected : [UInt8](repeating: 0, count: count)
      try unsafe group.broadcast(&bytes, count: count)
      XCTAssertEqual(bytes, expected)
    }
  }

  func testBarrierWaitsForTheLast() throws {
    if group.rank == group.size - 1 { usleep(50_000) }
    var entered = [UInt64](repeating: 0, count: group.size)
    entered[group.rank] = DispatchTime.now().uptimeNanoseconds
    try group.barrier()
    let left = DispatchTime.now().uptimeNanoseconds
    try unsafe group.allGather(&entered, ranges: (0..<group.size).map { $0 * 8..<$0 * 8 + 8 })
    XCTAssertTrue(entered.allSatisfy { $0 <= left })
  }

  func testTogetherReturnsWhatTheBodyDoes() throws {
    XCTAssertEqual(try group.together { () throws(Failure) in group.rank + 5 }, group.rank + 5)
  }

  func testTogetherThrowsTheFailureOfTheLowestRank() throws {
    let (rank, size) = (group.rank, group.size)
    XCTAssertThrowsError(
      try group.together { () throws(Failure) in
        if rank >= size / 2 { throw Failure(.noInput, "cannot read file \(rank)") }
      }
    ) { error in
      let message = "cannot read file \(size / 2)"
      let prefix = size == 1 ? "" : "rank \(size / 2) on host \(group.host): "
      XCTAssertEqual(error as? Failure, Failure(.noInput, prefix + message))
    }
  }

  func testTogetherKeepsAMessageThatAllShare() throws {
    let failure = Failure(.badConfiguration, "conv.yaml:7:3: unknown key")
    XCTAssertThrowsError(try group.together { () throws(Failure) in throw failure }) {
      XCTAssertEqual($0 as? Failure, failure)
    }
  }

  /// Longer than a rank may be silent.
  func testRanksWaitForLongWorkOfTheFirst() throws {
    let timeout = group.timeout
    defer { group.timeout = timeout }
    group.timeout = .milliseconds(900)
    let value = try group.onFirstRank { () throws(Failure) in
      usleep(1_500_000)
      return 7
    }
    XCTAssertEqual(value ?? nil, group.rank == 0 ? 7 : nil)
    XCTAssertThrowsError(
      try group.onFirstRank { () throws(Failure) in throw Failure(.badData, "no good") }
    ) { error in
      XCTAssertEqual((error as? Failure)?.code, .badData)
      XCTAssertTrue((error as? Failure)?.message.hasSuffix("no good") == true)
    }
  }

  func testHandshakePassesEqualItems() throws {
    try group.handshake([("version", "1.0"), ("configuration", "ab"), ("empty", "")])
    try group.handshake([])
  }

  func testHandshakeNamesTheMinority() throws {
    guard group.size > 1 else { return }
    let odd = group.size - 1
    let value = group.rank == odd ? "a much longer value" : "short"
    XCTAssertThrowsError(try group.handshake([("version", "1.0"), ("data", value)])) { error in
      let failure = error as? Failure
      XCTAssertEqual(failure?.code, .disagreement)
      let text =
        "the data: rank \(odd) on host \(group.host) has a much longer value, "
        + "rank 0 on host \(group.host) has short;"
      XCTAssertTrue(failure?.message.contains(text) == true, failure?.message ?? "none")
    }
  }

  func testHandshakeSaysWhatItIsTold() throws {
    guard group.size > 1 else { return }
    let items = [("weights", group.rank == 1 ? "a" : "b")]
    XCTAssertThrowsError(
      try group.handshake(items, else: .internalError, remedy: "mend that host")
    ) { error in
      let failure = error as? Failure
      XCTAssertEqual(failure?.code, .internalError)
      XCTAssertTrue(failure?.message.hasSuffix("; mend that host") == true)
      XCTAssertTrue(failure.map(group.isKnownToAll) ?? false)
    }
    XCTAssertFalse(group.isKnownToAll(Failure(.internalError, "mine")))
  }

  func testTextsAreThoseOfAllRanks() throws {
    let texts = try group.allGather(String(repeating: "ä", count: 3 * group.rank))
    XCTAssertEqual(texts, (0..<group.size).map { String(repeating: "ä", count: 3 * $0) })
  }

  func testTheMinorityDissents() {
    let cases: [([String], [Int]?)] = [
      (["a"], nil), (["a", "a"], nil), (["a", "b"], [1, 0]), (["a", "b", "b"], [0, 1]),
      (["a", "b", "a", "b"], [1, 0]), (["c", "a", "b", "b"], [0, 2]),
    ]
    for (values, expected) in cases {
      XCTAssertEqual(Communicator.disagreement(values).map { [$0.odd, $0.right] }, expected)
    }
  }

  func testHandshakeOfDifferentItemsIsSafe() throws {
    guard group.size > 1 else { return }
    let items = group.rank == 0 ? [("version", "1.0")] : []
    XCTAssertThrowsError(try group.handshake(items)) {
      XCTAssertEqual(($0 as? Failure)?.code, .disagreement)
    }
  }
}
