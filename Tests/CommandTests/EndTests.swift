import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// How a process ends: after its threads, in spite of a file server that is gone.
  @Suite struct Ends {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let table = """
      name: t
      data: {dataset: {csv: {training: t.csv, targets: [y]}}, batch: 2, validation: none}
      model: [{dense: 1}]
      loss: mse
      optimizer: sgd
      train: {epochs: 2}
      """

    private func trainTable() throws {
      try workspace.folder.write(Self.table, to: "t.yaml")
      try workspace.folder.write("x,y\n1,2\n2,3\n3,4\n4,5\n", to: "t.csv")
      let ending = try workspace.run("train", "t.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
    }

    // MARK: Threads

    private static let commands: [(words: [String], status: Int32)] = [
      (["predict", "runs/t", "--input", "t.csv"], 0), (["diff", "runs/t", "runs/t"], 0),
      (["export", "runs/t", "--to", "smodel"], 0), (["evaluate", "runs/t"], 0),
      (["data", "build", "t.yaml"], 0), (["data", "list"], 0), (["inspect", "runs/t"], 0),
      (["train", "t.yaml", "--fresh", "--workers", "2"], 0), (["gradcheck", "t.yaml"], 0),
      (["bench", "t.yaml", "--steps", "4"], 0), (["predict", "none", "--input", "t.csv"], 66),
      (["data", "build", "absent.yaml"], 66), (["train", "t.yaml"], 73),
    ]

    /// With a library that makes threads slow to end, and a process that leaves one behind fail.
    @Test(.enabled(if: CProgram.compiler != nil, "no C compiler: ends of threads are not delayed"))
    func threadsEndBeforeTheirProcess() throws {
      try trainTable()
      let library = try #require(
        try CProgram.build("ThreadEnd/thread_end.c", asLibrary: true, in: workspace.folder))
      for (words, status) in Self.commands {
        let ending = try workspace.start(words, environment: ["LD_PRELOAD": library]).wait()
        #expect(ending.status == status, "\(words): \(ending.status) \(ending.errors)")
      }
    }

    /// A thread that does not end is left after two seconds, with all that was to be said.
    @Test(.enabled(if: CProgram.compiler != nil, "no C compiler: ends of threads are not delayed"))
    func aThreadThatDoesNotEnd() throws {
      let library = try #require(
        try CProgram.build("ThreadEnd/thread_end.c", asLibrary: true, in: workspace.folder))
      let start = ContinuousClock.now
      let ending = try workspace.start(
        ["inspect", "none"],
        environment: ["LD_PRELOAD": library, "NN_DIST_THREAD_END_MS": "20000"]
      ).wait()
      #expect(ContinuousClock.now - start < .seconds(5))
      CommandTests.expectRefusal(ending, 66, ["none"])
    }

    // MARK: Files that do not answer

    /// Runs `nn-dist` where one file operation never returns.
    private func startWithDeadFile(
      _ operation: String, _ path: String, _ words: [String], ranks: Int?
    ) throws -> ChildProcess {
      let wrapper = try #require(
        try CProgram.build("DeadFile/dead_file.c", in: workspace.folder), "there is a C compiler")
      try #require(
        try workspace.startCommand([wrapper, operation, "none", "true"]).wait().status == 0,
        "the kernel has seccomp")
      let program = [try #require(Workspace.program)] + words
      let dead = [wrapper, operation, path] + program
      guard let ranks else { return try workspace.startCommand(dead) }
      return try workspace.startCommand(
        ["mpirun", "-q", "--timeout", "60", "--oversubscribe", "--bind-to", "none", "-np", "1"]
          + dead + [":", "-np", "\(ranks - 1)"] + program)
    }

    /// An operation on a path, and the words of the line that says which.
    private static let operations = [
      ("openat", "t.yaml", "open of 't.yaml'"), ("newfstatat", "metrics.jsonl", "stat of "),
      ("pread64", "cache/", "read of '"), ("fsync", "step-000", "fsync of '"),
      ("write", "metrics.jsonl", "write of '"),
    ]

    @Test(arguments: [nil, 2])
    func aFileSystemThatDoesNotAnswer(ranks: Int?) throws {
      try trainTable()
      for (operation, path, text) in Self.operations {
        let words = ["train", "t.yaml", "--fresh", "--timeout", "2"]
        let start = ContinuousClock.now
        let ending = try startWithDeadFile(operation, path, words, ranks: ranks).wait()
        // Less than without the option, on a busy machine too.
        #expect(ContinuousClock.now - start < .seconds(40), "\(operation)")
        let lines = ending.errorLines.filter { $0.wholeMatch(of: /\[[^\]]*\].*/) == nil }
        #expect(ending.status == 70 && lines.count == 1, "\(operation): \(ending.errors)")
        #expect(
          ending.errors.contains((ranks == nil ? "" : "rank 0: ") + text), "\(ending.errors)")
        #expect(ending.errors.contains("has not returned for 2 s"), "\(ending.errors)")
      }
    }

    // MARK: What is no regular file

    /// FIFOs at all places where a run or a dataset has a file: none is waited for.
    @Test(arguments: [nil, 2])
    func fifos(ranks: Int?) throws {
      try trainTable()
      let folder = workspace.folder
      let checkpoint =
        "runs/t/checkpoints/\(try #require(workspace.checkpoints(of: "runs/t").last))"
      let train = ["train", "t.yaml", "--set", "train.epochs=3", "--resume"]
      let cases: [(file: String, words: [String], status: Int32)] = [
        (checkpoint, train, 66), (checkpoint + ".sha256", train, 66),
        ("runs/t/metrics.jsonl", train, 73), ("runs/t/.lock", train, 73), ("t.yaml", train, 66),
        ("t.csv", ["train", "t.yaml", "--fresh"], 66), (checkpoint, ["evaluate", "runs/t"], 66),
        ("t.csv", ["predict", "runs/t", "--input", "t.csv"], 66),
        (checkpoint, ["inspect", checkpoint], 66),
        (checkpoint, ["export", "runs/t", "--to", "h5"], 66),
      ]
      for (file, words, status) in cases {
        try FileManager.default.moveItem(
          atPath: folder.path(of: file), toPath: folder.path(of: "kept"))
        #expect(unsafe mkfifo(folder.path(of: file), 0o600) == 0)
        let start = ContinuousClock.now
        let ending = try workspace.start(words, ranks: ranks).wait()
        #expect(ContinuousClock.now - start < .seconds(20), "\(file)")
        #expect(ending.status == status, "\(file), \(words): \(ending.status) \(ending.errors)")
        #expect(ending.errors.contains("regular file"), "\(file), \(words): \(ending.errors)")
        try FileManager.default.removeItem(atPath: folder.path(of: file))
        try FileManager.default.moveItem(
          atPath: folder.path(of: "kept"), toPath: folder.path(of: file))
      }
    }

    /// A FIFO among images, which libpng would open itself.
    @Test func aFIFOAmongImages() throws {
      let folder = workspace.folder
      for (name, pixel) in [("a", 0), ("b", 200)] as [(String, UInt8)] {
        try FileManager.default.createDirectory(
          atPath: folder.path(of: "i/\(name)"), withIntermediateDirectories: true)
        let image = pngFile(width: 2, height: 2, [pixel, 9, 9, 9])
        try Data(image).write(to: URL(fileURLWithPath: folder.path(of: "i/\(name)/0.png")))
      }
      try folder.write(
        """
        name: i
        data: {dataset: {images: i}, batch: 2, validation: none}
        model: [flatten, {dense: 2}]
        loss: cross_entropy
        optimizer: sgd
        train: {epochs: 1}
        """, to: "i.yaml")
      let trained = try workspace.run("train", "i.yaml")
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(unsafe mkfifo(folder.path(of: "i/a/1.png"), 0o600) == 0)
      for words in [["predict", "runs/i", "--input", "i/a"], ["data", "build", "i.yaml"]] {
        CommandTests.expectRefusal(
          try workspace.start(words).wait(), 66, ["1.png", "not a regular file"])
      }
    }
  }
}
