import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Ways in which runs begin and end, and what they say of it.
  ///
  /// An epoch has 8 steps.
  @Suite struct Training {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func train(
      _ train: String, in run: String = "run", _ words: [String] = [], ranks: Int? = nil
    ) throws -> ChildProcess.Ending {
      let settings = Workspace.settings(["train={\(train)}"])
      return try workspace.train("mlp.yaml", in: run, settings + words, ranks: ranks)
    }

    @Test(arguments: [nil, 3]) func finishesEarly(ranks: Int?) throws {
      // Nothing gets better by that much.
      let stop = "epochs: 9, early_stop: {patience: 2, min_delta: 1e9}"
      let ending = try train(stop, ranks: ranks)
      #expect(ending.status == 0, "\(ending.errors)")
      let line =
        /finished early, after step 24: loss has not been better than [0-9.]+ for 2 epochs; .*/
      #expect(ending.output.split(separator: "\n").last?.wholeMatch(of: line) != nil)
      let before = try workspace.newestCheckpoint(of: "run")
      let again = try train(stop, ["--resume"], ranks: ranks)
      #expect(again.status == 0 && again.output.contains("already finished: 24 of 72 steps; loss "))
      #expect(try workspace.newestCheckpoint(of: "run") == before)
      let longer = try train("epochs: 4", ["--resume"])
      #expect(longer.status == 0 && workspace.checkpoints(of: "run").last == "step-000000032.h5")
    }

    @Test(arguments: [nil, 2]) func endsInTime(ranks: Int?) throws {
      let long = "epochs: 1000000, max_time: 1 s, checkpoint: 1000000 epochs"
      let start = ContinuousClock.now
      let ending = try train(long, ranks: ranks)
      #expect(ending.status == 0 && .now - start < .seconds(30), "\(ending.errors)")
      let command = ending.output.firstMatch(
        of: /stopped after step ([0-9,]+): max_time 1 s is over; resume with: nn-dist .* --resume\n/
      )
      let step = String((command?.1 ?? "").filter { $0.isNumber })
      #expect(
        workspace.checkpoints(of: "run").map { $0.dropFirst(5).dropLast(3) }
          == ["\(String(repeating: "0", count: max(0, 9 - step.count)))\(step)"])
      #expect(try train(long, ["--resume"], ranks: ranks).output.contains("resuming after step"))
    }

    /// Every two seconds, by the clock of rank 0.
    @Test func savesByTheClock() throws {
      let process = try workspace.start(
        Workspace.training(
          "mlp.yaml", in: "run", Workspace.settings(["train={epochs: 1000000, checkpoint: 1 s}"])),
        ranks: 2)
      let end = ContinuousClock.now + .seconds(30)
      while workspace.checkpoints(of: "run").count < 2, .now < end {
        Thread.sleep(forTimeInterval: 0.05)
      }
      process.send(SIGUSR1)
      #expect(process.wait().status == 75)
      #expect(workspace.checkpoints(of: "run").count == 3)
      #expect(try workspace.run("evaluate", "run").status == 0)
    }

    @Test(arguments: [nil, 2]) func beginsWithOtherWeights(ranks: Int?) throws {
      #expect(try train("epochs: 2", in: "first").status == 0)
      let other = try workspace.run("evaluate", "first", "--json").output
      let loss = try #require(other.firstMatch(of: /"loss": ([0-9.e-]+)/)?.1)
      // A step so small shows the weights that the run began with.
      let words = Workspace.settings(["optimizer={sgd: 1e-30}"])
      let next = "steps: 1, init_from: first"
      let ending = try train(next, in: "second", words, ranks: ranks)
      #expect(ending.status == 0, "\(ending.errors)")
      let line = try #require(try workspace.metrics(of: "second").last)
      #expect(line.contains("\"loss\": \(loss)"), "\(line)")
      // What it began with is no longer needed.
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "first"))
      let longer = try train("steps: 2, init_from: first", in: "second", words + ["--resume"])
      #expect(longer.status == 0, "\(longer.errors)")
      CommandTests.expectRefusal(
        try train(next, in: "third", words, ranks: ranks), 66, ["'first"])
      #expect(workspace.checkpoints(of: "third").isEmpty)
    }

    @Test func namesTheBest() throws {
      let ending = try train("epochs: 3, checkpoint: {keep: 1, best: accuracy}")
      #expect(ending.status == 0, "\(ending.errors)")
      let name = try workspace.folder.text(of: "run/checkpoints/best").trimmingCharacters(
        in: .newlines)
      #expect(ending.output.contains("best: 'run/checkpoints/\(name)'"))
      #expect(workspace.checkpoints(of: "run").contains(name))
    }
  }
}
