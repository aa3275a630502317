import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Several processes, and people, at one run directory.
  @Suite struct Concurrency {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// A run that saves in each of its many short epochs.
    private func start(in run: String, epochs: Int, _ words: [String] = []) throws -> ChildProcess {
      try workspace.start(
        Workspace.training(
          "mlp.yaml", in: run,
          Workspace.settings(["train={epochs: \(epochs), checkpoint: {every: 1 epoch, keep: 50}}"])
            + words))
    }

    @Test func oneOfTwoThatStartTogetherWins() throws {
      let endings = try (0..<4).map { _ in try start(in: "run", epochs: 4) }.map { $0.wait() }
      #expect(endings.count { $0.status == 0 } == 1)
      for ending in endings where ending.status != 0 {
        CommandTests.expectRefusal(ending, 73, ["'run' "])
      }
      #expect(workspace.checkpoints(of: "run").count == 4)
      #expect(try workspace.metrics(of: "run").count == 8)
    }

    @Test func readersSeeWholeCheckpoints() throws {
      let run = try start(in: "run", epochs: 60)
      #expect(run.waits(for: " 2/60"))
      workspace.waitForCheckpoint(of: "run")
      for _ in 0..<5 {
        for words in [["evaluate", "run", "--json"], ["inspect", "run", "--json"]] {
          let ending = try workspace.start(words).wait()
          #expect(ending.status == 0, "\(ending.errors)")
        }
      }
      run.send(SIGUSR1)
      #expect([0, 75].contains(run.wait().status))
    }

    /// Files that a user takes away are gone, and nothing else is.
    @Test func checkpointsThatAreRemovedMeanwhile() throws {
      let run = try start(in: "run", epochs: 40)
      #expect(run.waits(for: " 2/40"))
      for _ in 0..<200 {
        for name in workspace.folder.names(in: "run/checkpoints") where name.hasPrefix("step-") {
          let path = workspace.folder.path(of: "run/checkpoints/\(name)")
          try? FileManager.default.removeItem(atPath: path)
        }
        usleep(2000)
      }
      let ending = run.wait()
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      let again = try start(in: "run", epochs: 41, ["--resume"]).wait()
      #expect(again.status == 0, "\(again.errors)")
    }

    @Test func lockOfAProcessThatWasKilled() throws {
      let run = try start(in: "run", epochs: 400)
      #expect(run.waits(for: " 2/400"))
      run.send(SIGKILL)
      #expect(run.wait().status == 137)
      let resumed = try start(in: "run", epochs: 3, ["--resume"]).wait()
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.output.contains("pid \(run.identifier) on host"), "\(resumed.output)")
      #expect(try start(in: "run", epochs: 3, ["--resume"]).wait().output.contains("pid ") == false)
    }
  }
}
