import Foundation
import TestSupport
import Testing

/// A folder with the configurations of the repository, and `nn-dist` run in it.
struct Workspace {
  let folder: TemporaryFolder

  /// The program under test: as `make test` says, otherwise the one beside the tests.
  static let program: String? = {
    let variable = ProcessInfo.processInfo.environment["NN_DIST_BINARY"]
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = tests.deletingLastPathComponent().appendingPathComponent("nn-dist").path
    let path = variable ?? beside
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// The root of the repository.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL.path

  private static let configurations = URL(fileURLWithPath: repository)
    .appendingPathComponent("configs")

  /// Whether there is a program that runs another one on a terminal.
  static let hasTerminal = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

  /// A Python that has h5py and NumPy: the one that is asked for, that of `make bench`, the
  /// system's.
  static let python = [
    ProcessInfo.processInfo.environment["NN_DIST_PYTHON"],
    "\(repository)/.build/bench-venv/bin/python", "/usr/bin/python3",
  ].compactMap(\.self).first { path in
    let process = try? ChildProcess(
      [path, "-c", "import h5py, numpy"], in: "/",
      environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""])
    return process?.wait().status == 0
  }

  init() throws {
    folder = try TemporaryFolder()
    for name in ["conv.yaml", "mlp.yaml", "mazur.yaml", "resnet20.yaml"] { try copy(name) }
  }

  /// Brings a configuration of the repository.
  func copy(_ configuration: String) throws {
    let file = Self.configurations.appendingPathComponent(configuration)
    try folder.write(
      String(decoding: try Data(contentsOf: file), as: UTF8.self), to: configuration)
  }

  // MARK: Running

  /// Starts `nn-dist`, under `mpirun` if a number of ranks is given.
  func start(
    _ words: [String], ranks: Int? = nil, environment: [String: String] = [:]
  ) throws -> ChildProcess {
    let launcher =
      ranks.map {
        ["mpirun", "-q", "--timeout", "60", "--oversubscribe", "--bind-to", "none", "-np", "\($0)"]
      } ?? []
    return try startCommand(launcher + [try #require(Self.program)] + words, environment)
  }

  /// Starts any command in the folder.
  func startCommand(_ command: [String], _ environment: [String: String] = [:]) throws
    -> ChildProcess
  {
    try ChildProcess(
      command, in: folder.path,
      environment: Self.environment.merging(data) { _, new in new }
        .merging(environment) { _, new in new })
  }

  func run(
    _ words: String..., ranks: Int? = nil, environment: [String: String] = [:]
  ) throws -> ChildProcess.Ending {
    try start(words, ranks: ranks, environment: environment).wait()
  }

  /// The words of a training run on little data that writes to `directory`.
  static func training(
    _ configuration: String, in directory: String, _ words: [String] = []
  ) -> [String] {
    ["train", configuration, "--run", directory]
      + settings(["data.train_samples=512", "data.test_samples=256"]) + words
  }

  static func settings(_ changes: [String]) -> [String] { changes.flatMap { ["--set", $0] } }

  /// Trains on little data.
  func train(
    _ configuration: String, in directory: String, _ words: [String] = [], ranks: Int? = nil,
    environment: [String: String] = [:]
  ) throws -> ChildProcess.Ending {
    try start(
      Self.training(configuration, in: directory, words), ranks: ranks, environment: environment
    ).wait()
  }

  /// Caches go to the folder; descriptors are those of the repository.
  private var data: [String: String] {
    [
      "NN_DIST_CACHE": folder.path(of: "cache"),
      "NN_DIST_DATASETS": Self.configurations.appendingPathComponent("../Datasets").path,
    ]
  }

  /// The environment of the tests without what a launcher or a user has put there.
  private static let environment: [String: String] = {
    let foreign = ["OMPI_", "PMIX_", "PMI_", "SLURM_", "NN_DIST_", "OMP_", "DNNL_", "LC_"]
    var variables = ProcessInfo.processInfo.environment.filter { name, _ in
      !foreign.contains { name.hasPrefix($0) }
    }
    // Crash reports would take minutes, and a terminal's width belongs to one test alone.
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables["COLUMNS"] = nil
    if geteuid() == 0 {
      variables["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      variables["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    }
    return variables
  }()

  // MARK: Results

  /// The names of a run's checkpoints, in the order of their steps.
  func checkpoints(of run: String) -> [String] {
    folder.names(in: "\(run)/checkpoints").filter { $0.hasSuffix(".h5") }
  }

  /// Waits until something is saved, which happens beside training.
  func waitForCheckpoint(of run: String, count: Int = 1) {
    let end = ContinuousClock.now + .seconds(10)
    while checkpoints(of: run).count < count, .now < end { Thread.sleep(forTimeInterval: 0.001) }
  }

  /// The bytes of a run's newest checkpoint.
  func newestCheckpoint(of run: String) throws -> Bytes {
    let name = try #require(checkpoints(of: run).last, "'\(run)' contains no checkpoint")
    return Bytes(data: try folder.data(of: "\(run)/checkpoints/\(name)"))
  }

  /// The lines of `metrics.jsonl` without what depends on the clock.
  func metrics(of run: String) throws -> [String] {
    try folder.text(of: "\(run)/metrics.jsonl").split(separator: "\n").map { line in
      String(line.replacing(/, "(samples_per_second|wall_time)": [^,}]+/, with: ""))
    }
  }
}

extension ChildProcess.Ending {
  /// What was printed, without what depends on the clock.
  var timelessOutput: String {
    output.replacing(/\s+\S+ samples\/s.*/, with: "")
  }
}

/// The bytes of a file, as one value: a test that fails need not list where two files differ.
struct Bytes: Equatable, CustomStringConvertible {
  let data: Data

  var description: String { "\(data.count) bytes" }
}
