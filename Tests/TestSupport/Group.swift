package import Communication
package import Foundation
internal import XCTest

/// The communicator of the test process, left when all tests have run.
package final class Group: NSObject, XCTestObservation {
  package static var communicator: Communicator { unsafe started }

  nonisolated(unsafe) private static let started: Communicator = {
    do {
      XCTestObservationCenter.shared.addTestObserver(Group())
      return try Communicator.start(timeout: .seconds(20))
    } catch {
      fatalError("\(error)")
    }
  }()

  package func testBundleDidFinish(_ testBundle: Bundle) {
    XCTAssertNoThrow(try Group.communicator.finish())
  }

  /// Skips a test that ends its process unless the script that expects that runs it.
  package static func onlyFromScript() throws {
    let isScript = ProcessInfo.processInfo.environment["NN_DIST_ENDING_TESTS"] != nil
    try XCTSkipUnless(isScript, "run-ranks.sh runs it under mpirun")
  }
}
