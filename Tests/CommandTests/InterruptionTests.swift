import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// However and whenever a run is interrupted, it goes on to the same bits.
  @Suite struct Interruption {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// An epoch of 4 steps, and checkpoints that do not keep its time.
    private static let words = Workspace.settings([
      "data.train_samples=128", "data.test_samples=64", "data.batch=32", "train.epochs=8",
      "train.checkpoint={every: 3 steps, keep: 2}",
    ])

    /// What a run that nobody interrupts leaves.
    private static let whole = Result {
      let workspace = try Workspace()
      let ending = try workspace.start(["train", "conv.yaml", "--run", "run"] + words).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return (
        checkpoint: try workspace.newestCheckpoint(of: "run"),
        metrics: try workspace.metrics(of: "run")
      )
    }

    private func start(ranks: Int?, _ words: [String] = []) throws -> ChildProcess {
      try workspace.start(
        ["train", "conv.yaml", "--run", "run"] + Self.words + words, ranks: ranks)
    }

    /// Lets the interrupted run end on other ranks and compares it with one that never stopped.
    private func expectSameEnd(
      ranks: Int?, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let resumed = try start(ranks: ranks, ["--resume"]).wait()
      #expect(resumed.status == 0, "\(resumed.errors)", sourceLocation: sourceLocation)
      #expect(resumed.output.contains("resuming after step"), sourceLocation: sourceLocation)
      let whole = try Self.whole.get()
      #expect(
        try workspace.newestCheckpoint(of: "run") == whole.checkpoint,
        sourceLocation: sourceLocation)
      #expect(
        try workspace.metrics(of: "run") == whole.metrics, sourceLocation: sourceLocation)
    }

    /// Whether the run stopped as it should: with a checkpoint, and the command to go on.
    private func expectStop(
      _ ending: ChildProcess.Ending, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(ending.status == 75, "\(ending.errors)", sourceLocation: sourceLocation)
      #expect(ending.errors.isEmpty, "\(ending.errors)", sourceLocation: sourceLocation)
      let command = ending.output.firstMatch(of: /resume with: (.*)\n/).map { String($0.1) }
      #expect(
        command?.wholeMatch(of: /nn-dist train conv.yaml .*--run run --resume/) != nil,
        "\(ending.output)", sourceLocation: sourceLocation)
    }

    /// Waits for a moment of the third, fourth or fifth epoch.
    private func wait(_ process: ChildProcess, for part: Double) {
      #expect(process.waits(for: "epoch  1/8"))
      let start = ContinuousClock.now
      #expect(process.waits(for: "epoch  2/8"))
      Thread.sleep(forTimeInterval: 3 * part * ((.now - start) / .seconds(1)))
      workspace.waitForCheckpoint(of: "run")
    }

    // MARK: Requests to stop

    @Test(arguments: [SIGUSR1, SIGTERM, SIGINT, SIGHUP])
    func signalToOneProcess(_ signal: Int32) throws {
      let process = try start(ranks: nil)
      #expect(process.waits(for: "epoch  2/8"))
      process.send(signal)
      expectStop(process.wait())
      try expectSameEnd(ranks: signal == SIGUSR1 ? 2 : nil)
    }

    @Test func userSignalToTheLauncher() throws {
      let process = try start(ranks: 2)
      #expect(process.waits(for: "epoch  2/8"))
      process.send(SIGUSR1)
      expectStop(process.wait())
      try expectSameEnd(ranks: 3)
    }

    /// As it is printed, with all its settings.
    @Test func commandToGoOnWith() throws {
      let process = try start(ranks: nil, ["--set", "name=other"])
      #expect(process.waits(for: "epoch  2/8"))
      process.send(SIGTERM)
      let match = try #require(process.wait().output.firstMatch(of: /resume with: (nn-dist .*)\n/))
      let folder = URL(fileURLWithPath: try #require(Workspace.program)).deletingLastPathComponent()
      let resumed = try workspace.startCommand(["sh", "-c", "\(folder.path)/\(match.1)"]).wait()
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.output.contains("resuming after step"))
      #expect(try workspace.metrics(of: "run") == Self.whole.get().metrics)
    }

    /// The launcher kills its ranks a second later and reports that it was ended itself.
    @Test func terminationOfTheLauncher() throws {
      let process = try start(ranks: 2)
      #expect(process.waits(for: "epoch  2/8"))
      process.send(SIGTERM)
      let ending = process.wait()
      #expect(!ending.timedOut && ending.status != 0)
      try expectSameEnd(ranks: nil)
    }

    @Test(arguments: [([1], SIGTERM), ([0], SIGTERM), ([0, 1, 2], SIGTERM), ([2], SIGHUP)])
    func terminationOfRanks(_ ranks: [Int], _ signal: Int32) throws {
      let process = try start(ranks: 3)
      #expect(process.waits(for: "epoch  2/8"))
      let identifiers = Ranks(of: process)
      for rank in ranks { kill(try #require(identifiers[rank]), signal) }
      expectStop(process.wait())
      try expectSameEnd(ranks: 2)
    }

    @Test func manySignalsAreOne() throws {
      let process = try start(ranks: nil)
      #expect(process.waits(for: "epoch  2/8"))
      for _ in 0..<1000 { process.send(SIGUSR1) }
      expectStop(process.wait())
      try expectSameEnd(ranks: nil)
    }

    /// Each step writes one, so requests come while one is being written.
    @Test func requestsWhileACheckpointIsWritten() throws {
      let process = try start(
        ranks: 2, Workspace.settings(["train.checkpoint={every: 1 step, keep: 2}"]))
      #expect(process.waits(for: "epoch  2/8"))
      let identifiers = Ranks(of: process)
      process.send(SIGUSR1)
      process.send(SIGUSR1)
      kill(try #require(identifiers[1]), SIGTERM)
      expectStop(process.wait())
      try expectSameEnd(ranks: 3)
    }

    @Test func secondTerminationEndsAtOnce() throws {
      let process = try start(ranks: nil)
      #expect(process.waits(for: "epoch  2/8"))
      workspace.waitForCheckpoint(of: "run")
      // While it stands still, it cannot end between the two.
      for signal in [SIGSTOP, SIGINT, SIGTERM, SIGCONT] { process.send(signal) }
      #expect(process.wait().status == 143)
      try expectSameEnd(ranks: nil)
    }

    @Test func signalBeforeTheFirstStep() throws {
      let process = try start(ranks: nil)
      #expect(process.waits(for: "writing to"))
      process.send(SIGUSR1)
      expectStop(process.wait())
      try expectSameEnd(ranks: 2)
    }

    /// What it takes to draw the samples is most of this run's time, or to validate.
    @Test(arguments: [(8_000, 64, false), (128, 8_000, true)])
    func signalBesideTheSteps(_ trained: Int, _ tested: Int, validates: Bool) throws {
      let words =
        ["train", "conv.yaml"]
        + Workspace.settings([
          "data.train_samples=\(trained)", "data.test_samples=\(tested)",
          "train={steps: \(validates ? 24 : 8)}", "data.batch=32",
        ])
      let process = try workspace.start(words + ["--run", "run"], ranks: 2)
      if validates {
        // The four steps before the second of six validations take less time than this.
        #expect(process.waits(for: "epoch  1/6"))
        Thread.sleep(forTimeInterval: 0.03)
      } else {
        let deadline = ContinuousClock.now + .seconds(20)
        while !takeSignals(Ranks(of: process)), .now < deadline { usleep(1000) }
      }
      process.send(SIGUSR1)
      expectStop(process.wait())
      let resumed = try workspace.start(words + ["--run", "run", "--resume"], ranks: 3).wait()
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try workspace.start(words + ["--run", "whole"]).wait().status == 0)
      #expect(
        try workspace.newestCheckpoint(of: "run") == workspace.newestCheckpoint(of: "whole"))
    }

    /// Whether both ranks have said that USR1 is not to end them.
    private func takeSignals(_ ranks: Ranks) -> Bool {
      (0..<2).allSatisfy { rank in
        let status = ranks[rank].flatMap { text("/proc/\($0)/status") } ?? ""
        let blocked = status.firstMatch(of: /SigBlk:\s*([0-9a-f]+)/)
          .flatMap { Int($0.1, radix: 16) }
        return (blocked ?? 0) >> Int(SIGUSR1 - 1) & 1 == 1
      }
    }

    // MARK: Sudden ends

    /// Moments by a fixed seed.
    private static let moments: [Double] = {
      var random = XorShift(seed: 75)
      return (0..<4).map { _ in random.number(in: 0...1) }
    }()

    @Test(arguments: moments)
    func processKilled(at moment: Double) throws {
      let process = try start(ranks: nil)
      wait(process, for: moment)
      process.send(SIGKILL)
      #expect(process.wait().status == 137)
      try expectSameEnd(ranks: 2)
    }

    @Test(arguments: zip(moments, [0, 1, 0, 1]))
    func rankKilled(at moment: Double, rank: Int) throws {
      let process = try start(ranks: 2)
      wait(process, for: moment)
      kill(try #require(Ranks(of: process)[rank]), SIGKILL)
      let ending = process.wait()
      #expect(ending.status == 137 && !ending.timedOut)
      try expectSameEnd(ranks: 3)
    }

    /// The ranks share the output of the launcher, so the wait ends when they all have.
    @Test func launcherKilled() throws {
      let process = try start(ranks: 2)
      #expect(process.waits(for: "epoch  1/8"))
      workspace.waitForCheckpoint(of: "run")
      process.send(SIGKILL)
      let killed = ContinuousClock.now
      let ending = process.wait()
      #expect(ending.status == 137 && !ending.timedOut)
      #expect(ContinuousClock.now - killed < .seconds(5))
      let left = workspace.checkpoints(of: "run")
      Thread.sleep(forTimeInterval: 0.3)
      #expect(workspace.checkpoints(of: "run") == left, "nobody writes any more")
      try expectSameEnd(ranks: nil)
    }

    // MARK: Places in an epoch

    /// An epoch has 8 steps.
    @Test(arguments: [1, 7, 8, 9, 13, 23])
    func lengthInParts(_ step: Int) throws {
      for (run, length) in [("run", step), ("run", 24), ("whole", 24)] {
        let ending = try workspace.train(
          "mlp.yaml", in: run,
          ["--set", "train={steps: \(length)}"] + (run == "run" ? ["--resume"] : []))
        #expect(ending.status == 0, "\(ending.errors)")
      }
      #expect(
        try workspace.newestCheckpoint(of: "run") == workspace.newestCheckpoint(of: "whole"))
    }
  }
}

/// The processes of a launcher's ranks.
struct Ranks {
  private var identifiers: [Int: pid_t] = [:]

  init(of launcher: ChildProcess) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let identifier = pid_t(name), let status = text("/proc/\(name)/status"),
        status.contains("PPid:\t\(launcher.identifier)\n"),
        let environment = text("/proc/\(name)/environ"),
        let match = environment.firstMatch(of: /OMPI_COMM_WORLD_RANK=([0-9]+)/),
        let rank = Int(match.1)
      else { continue }
      identifiers[rank] = identifier
    }
  }

  subscript(rank: Int) -> pid_t? { identifiers[rank] }
}

private func text(_ path: String) -> String? {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}
