import Communication
import Diagnostics
import TestSupport
import XCTest

/// Cases that end their process; `run-ranks.sh` checks the code and the one line they leave with.
final class EndingCases: XCTestCase {
  private var group: Communicator { Group.communicator }

  override func setUp() async throws { try Group.onlyFromScript() }

  func testSleepingLastRank() throws { try sleep(group.size - 1) }

  func testSleepingFirstRank() throws { try sleep(0) }

  private func sleep(_ sleeper: Int) throws {
    group.timeout = .seconds(2)
    group.step = 812
    if group.rank == sleeper { usleep(50_000_000) }
    // The sleeper's neighbours wait for it, the others for them.
    let ranges = (0..<group.size).map { $0..<$0 + 1 }
    var bytes = [UInt8](repeating: 0, count: group.size)
    try unsafe group.allGather(&bytes, ranges: ranges)
  }

  func testDifferentOperations() throws {
    group.timeout = .seconds(2)
    if group.rank == 0 { try group.barrier() } else { _ = try group.broadcast([]) }
  }

  func testAgreedFailure() throws {
    do throws(Failure) {
      try group.together { () throws(Failure) in
        if group.rank == group.size - 1 { throw Failure(.noInput, "cannot read x.yaml") }
      }
    } catch {
      group.exit(after: error)
    }
  }

  func testHandshakeFailure() throws {
    do throws(Failure) {
      try group.handshake([("configuration", group.rank == 0 ? "a1" : "b2")])
    } catch {
      group.exit(after: error)
    }
  }

  func testFailureOfOneRank() throws {
    if group.rank == group.size - 1 { group.exit(after: Failure(.inputOutput, "disk full")) }
    try group.barrier()
  }

  func testEarlyEnd() throws {
    if group.rank == group.size - 1 {
      print("ending early")
      fflush(nil)
      _exit(0)
    }
    try group.barrier()
  }
}

/// A process that waits for signals.
final class SignalCases: XCTestCase {
  override func setUp() async throws { try Group.onlyFromScript() }

  func testWaitsForRequest() throws {
    try StopRequest.install()
    print("ready")
    fflush(nil)
    for _ in 0..<200 where !StopRequest.isRequested { usleep(50_000) }
    print("stopped by \(StopRequest.signal ?? "nothing")")
    fflush(nil)
    if StopRequest.signal != "USR1" { sleep(10) }
    exit(StopRequest.isRequested ? ExitCode.stoppedOnRequest.rawValue : 1)
  }
}
