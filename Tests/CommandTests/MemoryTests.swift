import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Less memory than is needed: 71 in one line, whatever the limit, and never a crash.
  @Suite(.enabled(if: CommandTests.limiter != nil, "no prlimit: limits of memory are not tested"))
  struct Memory {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func run(
      _ words: [String], limit: Int, of resource: String = "as", ranks: Int? = nil
    ) throws -> ChildProcess.Ending {
      let limited =
        [
          try #require(CommandTests.limiter), "--\(resource)=\(limit)",
          try #require(Workspace.program),
        ]
        + words
      guard let ranks else { return try workspace.startCommand(limited).wait() }
      return try workspace.startCommand(
        [
          "mpirun", "-q", "--timeout", "60", "--oversubscribe", "--bind-to", "none", "-np",
          "\(ranks)",
        ]
          + limited
      ).wait()
    }

    /// From what the dynamic linker needs for the libraries, where it leaves with 127, to enough
    /// for all.
    private static let limits = stride(from: 80_000_000, through: 290_000_000, by: 7_500_000)

    private static let tiny = Workspace.settings([
      "data.train_samples=512", "data.test_samples=256", "train.epochs=1",
    ])

    private func expectNoCrash(
      _ words: [String], ranks: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      var found: Set<Int32> = []
      for limit in Self.limits {
        let ending = try run(words, limit: limit, ranks: ranks)
        found.insert(ending.status)
        #expect(
          [0, 71, 127].contains(ending.status), "\(limit): \(ending.status) \(ending.errors)",
          sourceLocation: sourceLocation)
        if ending.status == 71, ranks == nil {
          CommandTests.expectRefusal(
            ending, 71, ["no memory for", "raise it, or use fewer workers"],
            sourceLocation: sourceLocation)
        }
      }
      #expect(found.isSuperset(of: [0, 71]), "\(found)", sourceLocation: sourceLocation)
    }

    @Test(arguments: ["mlp.yaml", "conv.yaml"])
    func training(_ configuration: String) throws {
      try expectNoCrash(
        ["train", configuration, "--run", "run", "--fresh", "--workers", "2"] + Self.tiny)
    }

    @Test func trainingOnTwoRanks() throws {
      try expectNoCrash(
        ["train", "mlp.yaml", "--run", "run", "--fresh", "--workers", "1"] + Self.tiny, ranks: 2)
    }

    @Test func whatUsesACheckpoint() throws {
      let trained = try workspace.train("conv.yaml", in: "run", ["--set", "train.epochs=1"])
      #expect(trained.status == 0, "\(trained.errors)")
      for words in [
        ["evaluate", "run", "--workers", "2"], ["inspect", "run"],
        ["export", "run", "--to", "smodel", "--force"],
      ] {
        try expectNoCrash(words)
      }
    }

    /// The plan is compared with the limit before anything is written.
    @Test(arguments: ["as", "data"])
    func planBeyondALimit(_ resource: String) throws {
      let words =
        ["train", "mlp.yaml", "--run", "run"]
        + Workspace.settings(["model=[flatten, {dense: 20000}, {dense: 10}]"])
      CommandTests.expectRefusal(
        try run(words, limit: 450_000_000, of: resource), 71,
        ["no memory for this run with", "of 450 MB; raise it, or use fewer workers, more shards"])
      #expect(!workspace.folder.exists("run"))
    }
  }

  /// The program that runs another one under a limit.
  static let limiter = ["/usr/bin/prlimit", "/bin/prlimit"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
}
