import Checkpoints
import Diagnostics
import Foundation
import Testing

private let childPlace = ProcessInfo.processInfo.environment["CHECKPOINTS_TESTS_CHILD"]

extension CheckpointsTests {
  @Suite(.serialized) struct InterruptionTests {
    private func writeUntilKilled(in place: String) throws {
      let run = try RunDirectory(place, .resume)
      let first = try run.checkpoints.steps().last ?? 0
      for step in first + 1..<Int.max { try save(step, in: run.checkpoints, keep: 2) }
    }

    /// Runs itself as the process that it kills.
    @Test func aKilledWriterLeavesWholeCheckpoints() throws {
      if let childPlace { return try writeUntilKilled(in: childPlace) }
      let place = try TemporaryDirectory()
      let directory = CheckpointDirectory(place("run/checkpoints"))
      var last = 0
      for round in 0..<8 {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = ["--testing-library", "swift-testing", "--filter", "aKilledWriter"]
        child.environment = ProcessInfo.processInfo.environment.merging(
          ["CHECKPOINTS_TESTS_CHILD": place("run")]) { $1 }
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        try child.run()
        let deadline = Date(timeIntervalSinceNow: 10)
        while try directory.steps().last ?? 0 <= last, Date() < deadline { usleep(1000) }
        usleep(useconds_t(round * 1731))
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()

        let steps = try directory.steps()
        #expect((1...3).contains(steps.count))
        for step in steps { #expect(try weights(directory.file(ofStep: step)) == numbers(step)) }
        last = try #require(steps.last)
      }
      let run = try RunDirectory(place("run"), .resume)
      #expect(run.previousOwner?.hasPrefix("pid ") == true)
      #expect(try names(in: directory.path).allSatisfy { $0.hasPrefix("step-") })
    }
  }
}
