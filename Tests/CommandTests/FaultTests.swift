import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What befalls ranks: no wait is without end, one line says what happened, nothing is lost.
  @Suite struct Faults {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// A run that is still going on when something happens to it.
    private static let words =
      ["train", "conv.yaml", "--run", "run", "--timeout", "2"]
      + Workspace.settings([
        "data.train_samples=128", "data.test_samples=64", "data.batch=32",
        "train={epochs: 4000, checkpoint: {every: 20 steps, keep: 3}}",
      ])

    private func start(ranks: Int) throws -> ChildProcess {
      let process = try workspace.start(Self.words, ranks: ranks)
      #expect(process.waits(for: "epoch     8/4000"))
      // When there is a second one, rank 0 knows of the first.
      workspace.waitForCheckpoint(of: "run", count: 2)
      return process
    }

    /// Several commands as one job of `mpirun`, each with its options.
    private func startTogether(
      _ commands: [(options: [String], words: [String])], environment: [String: String] = [:]
    ) throws -> ChildProcess {
      let parts = commands.map { ["-np", "1"] + $0.options + $0.words }
      return try workspace.startCommand(
        ["mpirun", "-q", "--timeout", "60", "--oversubscribe", "--bind-to", "none"]
          + Array(parts.joined(separator: [":"])), environment)
    }

    /// Whether a run can go on from a whole checkpoint, and nobody holds its lock.
    private func expectResumable(sourceLocation: SourceLocation = #_sourceLocation) throws {
      let resumed = try workspace.start(Self.words + ["--resume", "--dry-run"]).wait()
      #expect(resumed.status == 0, "\(resumed.errors)", sourceLocation: sourceLocation)
      #expect(resumed.output.contains("resuming after step"), sourceLocation: sourceLocation)
    }

    /// The lines of nn-dist: Open MPI has some of its own when processes vanish.
    private func lines(_ ending: ChildProcess.Ending) -> [Substring] {
      ending.errorLines.filter { $0.wholeMatch(of: /\[[^\]]*\].*/) == nil }
    }

    private func expect(
      _ ending: ChildProcess.Ending, _ status: Int32, _ text: Regex<Substring>,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(!ending.timedOut, sourceLocation: sourceLocation)
      #expect(ending.status == status, "\(ending.errors)", sourceLocation: sourceLocation)
      #expect(lines(ending).count == 1, "\(ending.errors)", sourceLocation: sourceLocation)
      #expect(
        ending.errors.contains(text), "\(ending.errors)", sourceLocation: sourceLocation)
    }

    // MARK: Processes

    @Test func crashOfARank() throws {
      let process = try start(ranks: 2)
      kill(try #require(Ranks(of: process)[1]), SIGSEGV)
      let ending = process.wait()
      #expect(ending.status == 139 && !ending.timedOut, "\(ending.errors)")
      try expectResumable()
    }

    /// Found within the deadline and ten seconds, also by the one that would have spoken.
    @Test(arguments: [0, 1])
    func rankThatStandsStill(_ rank: Int) throws {
      let process = try start(ranks: 3)
      kill(try #require(Ranks(of: process)[rank]), SIGSTOP)
      let start = ContinuousClock.now
      let ending = process.wait()
      #expect(ContinuousClock.now - start < .seconds(12))
      expect(
        ending, 70,
        rank == 0
          ? /no progress in [a-z-]+ at step [0-9]+ for 2 s: rank 0 on host \S+ did not answer/
          : /no progress in [a-z-]+ at step [0-9]+ for 2 s: rank 1 on host \S+ did not answer/)
      // The first rank, which writes checkpoints, knows of each.
      #expect(rank == 0 || ending.errors.contains("; resume the run from its last checkpoint, and"))
      try expectResumable()
    }

    /// There is nothing to resume yet.
    @Test func rankThatStandsStillBeforeTheFirstCheckpoint() throws {
      let words = Self.words + Workspace.settings(["train.checkpoint.every=4000 epochs"])
      let process = try workspace.start(words, ranks: 2)
      #expect(process.waits(for: "epoch     8/4000"))
      kill(try #require(Ranks(of: process)[1]), SIGSTOP)
      let ending = process.wait()
      expect(ending, 70, /rank 1 on host \S+ did not answer; raise --timeout if a rank/)
      #expect(!ending.errors.contains("checkpoint"), "\(ending.errors)")
    }

    /// It waits in the middle of its start, or has ended before it.
    @Test(arguments: [["sleep", "50"], ["true"]])
    func rankThatIsAnotherProgram(_ other: [String]) throws {
      let program = try #require(Workspace.program)
      let process = try startTogether([([], [program] + Self.words), ([], other)])
      expect(process.wait(), 70, /rank 0: MPI_Init_thread has not returned for 2 s/)
      #expect(!workspace.folder.exists("run"))
    }

    @Test func rankOfAnotherCommand() throws {
      let program = try #require(Workspace.program)
      let process = try startTogether([
        ([], [program] + Self.words), ([], [program, "--version"]),
      ])
      expect(process.wait(), 70, /all ranks answer, but wait for different things: rank 0 in/)
    }

    // MARK: Hosts that differ

    @Test func otherProgram() throws {
      let program = try #require(Workspace.program)
      let other = workspace.folder.path(of: "other")
      try FileManager.default.copyItem(atPath: program, toPath: other)
      let file = try #require(FileHandle(forWritingAtPath: other))
      try file.seekToEnd()
      try file.write(contentsOf: Data([0]))
      try file.close()
      let process = try startTogether([
        ([], [program] + Self.words), ([], [program] + Self.words), ([], [other] + Self.words),
      ])
      expect(
        process.wait(), 76,
        /disagree on the program: rank 2 on host \S+ has [0-9a-f]{12}, rank 0 on host \S+ has/)
      #expect(!workspace.folder.exists("run"))
    }

    /// The variable changes no bits, but the hosts are not alike.
    @Test(arguments: ["DNNL_MAX_CPU_ISA=AVX2", "OPENBLAS_CORETYPE=Nehalem"])
    func otherVariable(_ variable: String) throws {
      let words = [try #require(Workspace.program)] + Self.words
      let process = try startTogether([([], words), (["-x", variable], words)])
      let ending = process.wait()
      let parts = variable.split(separator: "=")
      CommandTests.expectRefusal(
        ending, 76,
        ["the variable \(parts[0]): rank 1 on host", "has \(parts[1]), rank 0", "set isa"])
      #expect(!workspace.folder.exists("run"))
    }

    /// Each rank in a folder of its own, as on hosts without a common one.
    @Test func otherData() throws {
      let program = try #require(Workspace.program)
      for (folder, last) in [("a", 6), ("b", 7)] {
        try FileManager.default.createDirectory(
          atPath: workspace.folder.path(of: folder), withIntermediateDirectories: false)
        try workspace.folder.write(
          """
          name: t
          data: {dataset: {csv: {training: t.csv, targets: [y]}}, batch: 2, validation: none}
          model: [{dense: 1}]
          loss: mse
          optimizer: sgd
          train: {epochs: 1}
          """, to: "\(folder)/t.yaml")
        try workspace.folder.write("x,y\n1,2\n2,3\n3,4\n5,\(last)\n", to: "\(folder)/t.csv")
        let built = try workspace.startCommand(
          ["env", "-C", folder, program, "data", "build", "t.yaml"], ["NN_DIST_CACHE": "cache"]
        ).wait()
        #expect(built.status == 0, "\(built.errors)")
      }
      func train() throws -> ChildProcess.Ending {
        try startTogether(
          ["a", "b"].map {
            (["-wdir", workspace.folder.path(of: $0)], [program, "train", "t.yaml"])
          },
          environment: ["NN_DIST_CACHE": "cache"]
        ).wait()
      }
      expect(
        try train(), 66, /rank 1 on host \S+ cannot open 'cache\/csv-[0-9a-f]+.h5'.*NN_DIST_CACHE/)
      let caches = workspace.folder.path(of: "b/cache")
      let own = try #require(
        workspace.folder.names(in: "b/cache").first { $0.hasSuffix(".h5") })
      let first = try #require(
        workspace.folder.names(in: "a/cache").first { $0.hasSuffix(".h5") })
      try FileManager.default.moveItem(atPath: "\(caches)/\(own)", toPath: "\(caches)/\(first)")
      expect(
        try train(), 76,
        /disagree on the data: rank 1 on host \S+ has [0-9a-f]{12}, rank 0 on host \S+ has/)
      #expect(!workspace.folder.exists("a/runs") && !workspace.folder.exists("b/runs"))
    }

    @Test func tasksThatNobodyJoins() throws {
      CommandTests.expectRefusal(
        try workspace.run(
          "train", "mlp.yaml", environment: ["SLURM_PROCID": "0", "SLURM_NTASKS": "4"]), 76,
        ["started 4 tasks", "MPI sees one process", "srun --mpi=pmix"])
      let other = try workspace.run(
        "train", "mlp.yaml", environment: ["SLURM_PROCID": "2", "SLURM_NTASKS": "4"])
      #expect(other.status == 76 && other.errors.isEmpty, "the first task has said it")
    }

    // MARK: Instructions

    private static let instructions: String = {
      (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    }()

    /// Convolutions on oneDNN round otherwise without multiply-adds; each is the same on any ranks.
    @Test(.enabled(if: instructions.contains(" avx2 ") && instructions.contains(" fma ")))
    func limitedInstructions() throws {
      var bits: [Bytes] = []
      for isa in ["sse41", "avx2"] {
        let words = ["--set", "isa=\(isa)", "--set", "train={steps: 3}"]
        for ranks in [nil, 2] {
          let run = "\(isa)\(ranks ?? 1)"
          let ending = try workspace.train("conv.yaml", in: run, words, ranks: ranks)
          #expect(ending.status == 0, "\(ending.errors)")
          #expect(ending.output.contains(" with \(isa)\n"))
          bits.append(try workspace.newestCheckpoint(of: run))
        }
      }
      #expect(bits[0] == bits[1] && bits[2] == bits[3])
      #expect(bits[0] != bits[2])

      let change = ["--resume", "--set", "isa=avx2", "--set", "train={steps: 5}"]
      CommandTests.expectRefusal(
        try workspace.train("conv.yaml", in: "sse411", change), 78,
        ["isa: avx2, was sse41", "--allow-new-numerics"])
      let ending = try workspace.train(
        "conv.yaml", in: "sse411", change + ["--allow-new-numerics"], ranks: 2)
      #expect(ending.status == 0, "\(ending.errors)")
    }

    /// What the other kind of processor does is a test of the configuration.
    @Test func instructionsThatAreNotThere() throws {
      let levels = ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]
      let hasAll = levels.allSatisfy { Self.instructions.contains(" \($0) ") }
      let ending = try workspace.train(
        "mlp.yaml", in: "run", ["--set", "isa=avx512", "--set", "train={steps: 1}"], ranks: 2)
      if hasAll {
        #expect(ending.status == 0 && ending.output.contains(" with avx512\n"), "\(ending.errors)")
      } else {
        CommandTests.expectRefusal(
          ending, 64, ["--set isa: this processor (", "has no avx512, expected one of auto"])
      }
      #expect(workspace.folder.exists("run") == hasAll)
    }

    // MARK: Cores

    @Test func moreRanksThanCores() throws {
      let cores = ProcessInfo.processInfo.activeProcessorCount
      let words = ["--dry-run", "--set", "shards=16"]
      let warned = try workspace.train("mlp.yaml", in: "run", words, ranks: min(16, cores + 1))
      #expect(warned.status == 0 && warned.errors.isEmpty, "\(warned.errors)")
      let warnings = warned.output.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
      #expect(warnings.count == 1 && warnings.first?.contains("share the cores") == true)
      let fitting = try workspace.train("mlp.yaml", in: "run", words)
      #expect(!fitting.output.contains("warning: "))
    }
  }
}
