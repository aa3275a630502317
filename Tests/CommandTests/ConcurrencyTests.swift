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

    /// One checkpoint is kept, and a step leaves one: what a reader has found is gone at once.
    @Test func readersFollowRotation() throws {
      let words = Workspace.settings([
        "model=[flatten, {dense: 10}]",
        "train={steps: 1000000, checkpoint: {every: 1 step, keep: 1}}",
      ])
      let run = try workspace.start(Workspace.training("mlp.yaml", in: "run", words))
      #expect(run.waits(for: "writing to"))
      workspace.waitForCheckpoint(of: "run")
      let before = try #require(workspace.checkpoints(of: "run").last)
      for round in 0..<12 {
        for words in [
          ["evaluate", "run"], ["inspect", "run"], ["diff", "run", "run"],
          ["export", "run", "--to", "h5", "--output", "\(round).h5"],
          ["export", "run", "--to", "smodel", "--output", "\(round).smodel"],
        ] {
          let ending = try workspace.start(words).wait()
          #expect(ending.status == 0, "\(words): \(ending.errors)")
        }
      }
      let ranks = try workspace.run("evaluate", "run", ranks: 2)
      #expect(ranks.status == 0, "\(ranks.errors)")
      #expect(workspace.checkpoints(of: "run").last != before, "as the test supposes")
      run.send(SIGUSR1)
      #expect(run.wait().status == 75)
    }

    /// Nothing of the old run goes into the new one of its name.
    @Test(arguments: [nil, 2]) func movedRunStops(ranks: Int?) throws {
      let words = Workspace.settings([
        "train={epochs: 1000, export: h5, checkpoint: {every: 1 epoch, keep: 2, best: loss}}"
      ])
      let old = try workspace.start(
        Workspace.training("mlp.yaml", in: "run", words), ranks: ranks)
      #expect(old.waits(for: " 2/1000"))
      workspace.waitForCheckpoint(of: "run")
      old.send(SIGSTOP)
      for rank in 0..<(ranks ?? 0) { kill(try #require(Ranks(of: old)[rank]), SIGSTOP) }
      try FileManager.default.moveItem(
        atPath: workspace.folder.path(of: "run"), toPath: workspace.folder.path(of: "moved"))
      let new = try workspace.train("mlp.yaml", in: "run", ["--set", "train.epochs=2"])
      #expect(new.status == 0, "\(new.errors)")
      let left = workspace.folder.names(in: "run") + workspace.checkpoints(of: "run")
      let newest = try workspace.newestCheckpoint(of: "run")
      for rank in 0..<(ranks ?? 0) { kill(try #require(Ranks(of: old)[rank]), SIGCONT) }
      old.send(SIGCONT)
      CommandTests.expectRefusal(
        old.wait(), 74, ["'run/checkpoints'", "'run' was moved or replaced"])
      #expect(workspace.folder.names(in: "run") + workspace.checkpoints(of: "run") == left)
      #expect(try workspace.newestCheckpoint(of: "run") == newest)
      #expect(try workspace.run("evaluate", "run").status == 0)
      #expect(try workspace.run("evaluate", "moved").status == 0)
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
