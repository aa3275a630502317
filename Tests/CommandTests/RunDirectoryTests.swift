import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What a run finds on the disk, and what it leaves there.
  @Suite struct RunDirectories {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let short = Workspace.settings(["train.epochs=1"])

    // MARK: A run that is there already

    @Test(arguments: [nil, 2])
    func earlierRunIsNotOverwritten(ranks: Int?) throws {
      #expect(try workspace.train("mlp.yaml", in: "run", Self.short).status == 0)
      let before = try workspace.newestCheckpoint(of: "run")
      CommandTests.expectRefusal(
        try workspace.train("conv.yaml", in: "run", ranks: ranks), 73,
        ["'run' already contains a run", "--resume", "--fresh", "--run DIR"])
      #expect(try workspace.newestCheckpoint(of: "run") == before)
    }

    @Test func freshKeepsEarlierRuns() throws {
      #expect(try workspace.train("conv.yaml", in: "run", Self.short).status == 0)
      let first = try workspace.newestCheckpoint(of: "run")
      for number in 1...2 {
        let ending = try workspace.train("mlp.yaml", in: "run", Self.short + ["--fresh"])
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(ending.output.contains("run~\(number)"))
      }
      #expect(try workspace.newestCheckpoint(of: "run~1") == first)
      #expect(
        try workspace.newestCheckpoint(of: "run~2") == workspace.newestCheckpoint(of: "run"))
    }

    /// What does not fit is found before the earlier run is put aside.
    @Test func failedFreshStartMovesNothing() throws {
      #expect(try workspace.train("mlp.yaml", in: "run", Self.short).status == 0)
      let words = Workspace.settings(["shards=2"]) + ["--fresh"]
      CommandTests.expectRefusal(
        try workspace.train("mlp.yaml", in: "run", words, ranks: 3), 78, ["2 shards"])
      #expect(workspace.checkpoints(of: "run").count == 1)
      #expect(!workspace.folder.exists("run~1"))
    }

    @Test func runningRunIsLocked() throws {
      let first = try workspace.start(
        Workspace.training("conv.yaml", in: "run", Workspace.settings(["train.epochs=100"])))
      #expect(first.waits(for: " 1/100"))
      for (options, ranks) in [([], nil), (["--resume"], nil), (["--fresh"], 2)] {
        CommandTests.expectRefusal(
          try workspace.train("conv.yaml", in: "run", options, ranks: ranks), 73,
          ["'run' is locked by pid \(first.identifier) on host", "--run DIR"])
      }
      first.send(SIGUSR1)
      #expect(first.wait().status == 75)
      #expect(!workspace.folder.exists("run~1"))
      #expect(try workspace.run("evaluate", "run").status == 0)
    }

    // MARK: Places where nothing can be written

    @Test func placeOfAFile() throws {
      for path in ["mlp.yaml", "mlp.yaml/run", "/proc/run"] {
        let ending = try workspace.train("mlp.yaml", in: path, Self.short)
        CommandTests.expectRefusal(ending, 73, ["cannot create directory"])
      }
      CommandTests.expectRefusal(
        try workspace.train("mlp.yaml", in: "mlp.yaml", Self.short, ranks: 2), 73, ["mlp.yaml"])
    }

    @Test func linkToNowhere() throws {
      try FileManager.default.createSymbolicLink(
        atPath: workspace.folder.path(of: "run"), withDestinationPath: "nowhere")
      CommandTests.expectRefusal(
        try workspace.train("mlp.yaml", in: "run", Self.short), 73, ["'run'", "link"])
    }

    /// Root may write everywhere, but not without this capability.
    @Test func directoryThatMayNotBeWritten() throws {
      try FileManager.default.createDirectory(
        atPath: workspace.folder.path(of: "others"), withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o555])
      let launcher = geteuid() == 0 ? ["setpriv", "--bounding-set", "-dac_override"] : []
      let ending = try workspace.startCommand(
        launcher + [try #require(Workspace.program)]
          + Workspace.training("mlp.yaml", in: "others/run", Self.short)
      ).wait()
      CommandTests.expectRefusal(ending, 77, ["others/run"])
    }

    @Test func directoryThatVanishes() throws {
      let words = Workspace.settings(["train={epochs: 6, checkpoint: 2 epochs}"])
      let process = try workspace.start(Workspace.training("conv.yaml", in: "run", words))
      #expect(process.waits(for: "epoch  3/6"))
      // That of the second epoch is written beside the third.
      let end = ContinuousClock.now + .seconds(10)
      while workspace.checkpoints(of: "run").isEmpty, .now < end {
        Thread.sleep(forTimeInterval: 0.001)
      }
      try FileManager.default.moveItem(
        atPath: workspace.folder.path(of: "run"), toPath: workspace.folder.path(of: "moved"))
      CommandTests.expectRefusal(process.wait(), 74, ["run/checkpoints"])
      #expect(try workspace.run("evaluate", "moved").status == 0)
    }

    // MARK: A full disk

    /// Whether the tests may mount a small disk of their own.
    static let canMount = {
      let process = try? ChildProcess(
        ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], in: "/",
        environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""])
      return process?.wait().status == 0
    }()

    /// A checkpoint of the network is 1.2 MB: the disk holds two of them, or less than one.
    @Test(
      .enabled(if: canMount, "mounting a small disk needs root"),
      arguments: [(kilobytes: 3000, left: 2, ranks: nil), (1000, 0, nil), (3000, 2, 2)])
    func fullDisk(kilobytes: Int, left: Int, ranks: Int?) throws {
      try FileManager.default.createDirectory(
        atPath: workspace.folder.path(of: "disk"), withIntermediateDirectories: false)
      let launcher = ranks.map { "mpirun -q --timeout 60 --oversubscribe -np \($0) " } ?? ""
      let words = Workspace.training(
        "mlp.yaml", in: "disk/run", Workspace.settings(["train.epochs=3"]))
      // The disk goes with the shell that sees it, so what is left on it is copied.
      let process = try workspace.startCommand(
        [
          "unshare", "-m", "sh", "-c",
          """
          mount -t tmpfs -o size=\(kilobytes)k tmpfs disk
          \(launcher)"$@"; status=$?
          cp -a disk/run saved; exit $status
          """, "sh", try #require(Workspace.program),
        ] + words)
      CommandTests.expectRefusal(process.wait(), 74, ["no space left"])
      #expect(workspace.checkpoints(of: "saved").count == left)
      // No temporary file takes the space of what could be written.
      #expect(workspace.folder.names(in: "saved/checkpoints").count == 2 * left)
      guard left > 0 else { return }
      #expect(try workspace.run("evaluate", "saved").status == 0)
      #expect(try workspace.train("mlp.yaml", in: "saved", ["--resume"]).status == 0)
      #expect(try workspace.train("mlp.yaml", in: "whole").status == 0)
      #expect(
        try workspace.newestCheckpoint(of: "saved") == workspace.newestCheckpoint(of: "whole"))
    }

    // MARK: Numbers that are none

    @Test(arguments: [nil, 2])
    func divergenceStopsBeforeWeightsAreSpoilt(ranks: Int?) throws {
      let words = Workspace.settings([
        "model=[flatten, {dense: 64}, {dense: 10}]", "optimizer={sgd: {learning_rate: 1000}}",
        "train={steps: 500, checkpoint: {every: 1 step, keep: 2}}",
      ])
      let ending = try workspace.train("mlp.yaml", in: "run", words, ranks: ranks)
      #expect(ending.status == 79)
      #expect(ending.errorLines.count == 1)
      let line = try #require(
        ending.errors.wholeMatch(
          of: /step ([0-9]+): the gradient of (dense[12]\/weight) is not finite[^\n]+\n/),
        "\(ending.errors)")
      let step = try #require(Int(line.1))
      let last = String(format: "step-%09d.h5", step - 1)
      #expect(workspace.checkpoints(of: "run").last == last)
      #expect(ending.errors.contains("the last checkpoint is 'run/checkpoints/\(last)'"))
      #expect(try workspace.run("evaluate", "run", "--json").status == 0)
    }
  }
}
