internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Files
internal import Glibc
internal import Inspections
internal import Reports
internal import Environment
internal import Training

/// The command `nn-dist verify CONFIG`: trains a few steps in several ways and compares the bits.
struct VerifyCommand {
  let arguments: Arguments

  /// A number of ranks and workers, and those after an interruption.
  private struct Way {
    let ranks: Int
    let workers: Int
    /// The ranks and workers that resume after half of the steps.
    var resumption: (ranks: Int, workers: Int)?

    var name: String {
      "\(ranks)x\(workers)" + (resumption.map { "-\($0.ranks)x\($0.workers)" } ?? "")
    }

    var description: String {
      guard let resumption else { return text(ranks, workers) }
      return "\(text(ranks, workers)), then \(text(resumption.ranks, resumption.workers))"
    }

    private func text(_ ranks: Int, _ workers: Int) -> String { "\(ranks) x \(workers)" }
  }

  private struct Outcome {
    let way: Way
    let seconds: Double
    let comparison: RunComparison?
  }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let folder = ".nn-dist-verify-\(getpid())"
    try communicator.together { () throws(Failure) in try checkLaunch(communicator) }
    // Report an error of the configuration once, before anything is written.
    let configuration = try RunConfiguration(file: arguments.operand, set: settings(steps))
    try makeDirectories(folder)
    defer { _ = try? Subprocess.run(["rm", "-r", "--", folder]) }
    if !arguments.printsJSON {
      console.print(
        "\(configuration.name): \(steps) steps of \(configuration.layout.batch) samples in "
          + "\(configuration.layout.shards) shards; ranks x workers against \(ways[0].description):"
      )
    }
    var outcomes: [Outcome] = []
    for way in ways {
      console.show(status: "\(way.description) ...")
      let start = ContinuousClock.now
      try train(way, in: folder)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let comparison =
        outcomes.isEmpty
        ? nil
        : try RunComparison(
          "\(folder)/\(ways[0].name)", "\(folder)/\(way.name)",
          after: way.resumption == nil ? 0 : steps / 2)
      outcomes.append(Outcome(way: way, seconds: seconds, comparison: comparison))
    }
    console.clearStatus()
    if arguments.printsJSON {
      console.print(json(outcomes).description)
    } else {
      for line in table(outcomes).lines { console.print("  \(line)") }
      for outcome in outcomes where outcome.comparison?.difference != nil {
        console.print("\(outcome.way.description):")
        for line in outcome.comparison?.report.lines ?? [] { console.print("  \(line)") }
      }
    }
    return outcomes.contains { $0.comparison?.difference != nil } ? .disagreement : .done
  }

  private var steps: Int { arguments.steps ?? 5 }

  /// All combinations of ranks and workers, and one resumption from the last with the first.
  private var ways: [Way] {
    let (ranks, workers) = (arguments.ranks ?? [1, 2, 3, 4], arguments.workerCounts ?? [1, 2])
    var ways = ranks.flatMap { ranks in workers.map { Way(ranks: ranks, workers: $0) } }
    if steps > 1, let first = ways.first, let last = ways.last {
      ways.append(
        Way(
          ranks: last.ranks, workers: last.workers, resumption: (first.ranks, first.workers)))
    }
    return ways
  }

  private func checkLaunch(_ communicator: Communicator) throws(Failure) {
    guard !Launcher().startsMPI else {
      throw Failure(
        .usage,
        "verify starts ranks itself: run nn-dist verify \(arguments.operand) without mpirun, whose "
          + "options belong to --mpirun")
    }
    if let issue = SystemInfo.current(communicator, runs: ".").root {
      throw Failure(.noPermission, "\(issue.message); to allow it: \(issue.remedy)")
    }
  }

  private func train(_ way: Way, in folder: String) throws(Failure) {
    let run = ["--run", "\(folder)/\(way.name)"]
    guard let resumption = way.resumption else {
      return try train(way.ranks, way.workers, steps, run)
    }
    try train(way.ranks, way.workers, steps / 2, run)
    try train(resumption.ranks, resumption.workers, steps, run + ["--resume"])
  }

  /// Trains in separate processes.
  private func train(
    _ ranks: Int, _ workers: Int, _ steps: Int, _ words: [String]
  ) throws(Failure) {
    let launcher =
      (arguments.launcher ?? "mpirun -q --oversubscribe --bind-to none --timeout 600")
      .split(separator: " ").map(String.init) + ["-np", "\(ranks)"]
    let program = unsafe realpath("/proc/self/exe", nil)
    defer { unsafe free(program) }
    guard let program = unsafe program else {
      throw Failure(.internalError, "cannot read /proc/self/exe")
    }
    let command =
      (ranks == 1 ? [] : launcher)
      + [unsafe String(path: program), "train", arguments.operand, "--workers", "\(workers)"]
      + settings(steps).flatMap { ["--set", $0] } + words
    if let exit = try Subprocess.run(command) {
      throw Failure(
        ExitCode(rawValue: exit.status) ?? .internalError,
        StopRequest.isRequested
          ? "stopped on request" : "ranks x workers \(ranks) x \(workers): \(exit.message)")
    }
  }

  private func settings(_ steps: Int) -> [String] {
    arguments.overrides + ["train={steps: \(steps), checkpoint: {every: 1 steps, keep: \(steps)}}"]
  }

  // MARK: Output

  private func table(_ outcomes: [Outcome]) -> Table {
    var table = Table([.left("ranks x workers"), .right("seconds"), .left("verdict")])
    for outcome in outcomes {
      table.add([outcome.way.description, outcome.seconds.formatted(2), verdict(outcome)])
    }
    return table
  }

  private func verdict(_ outcome: Outcome) -> String {
    guard let comparison = outcome.comparison else { return "reference" }
    guard let (step, contents) = comparison.difference else {
      return "\(comparison.equal) checkpoints with the same bits"
    }
    let what = contents.tensors.first?.name ?? contents.entries.first?.name ?? "something"
    return "DIFFERS after step \(step) in \(what)"
  }

  private func json(_ outcomes: [Outcome]) -> JSONValue {
    .array(
      outcomes.map { outcome in
        .object([
          ("way", .string(outcome.way.description)), ("seconds", .number(outcome.seconds)),
          ("equal", .boolean(outcome.comparison?.difference == nil)),
          ("comparison", outcome.comparison?.report.json ?? .null),
        ])
      })
  }
}
