internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Execution
internal import Files
internal import Reports
internal import Training

/// The command `nn-dist bench CONFIG`.
struct BenchCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let experiment = try communicator.experiment(arguments, console)
    let trainer = try communicator.together { () throws(Failure) in
      try Trainer(
        experiment, communicator: communicator, workers: arguments.workers ?? communicator.cores)
    }
    let result = try Benchmark(trainer, communicator: communicator, steps: arguments.steps)
    if let file = arguments.trace { try trace(trainer, communicator, to: file) }
    if arguments.answersInJSON {
      console.print(result.json.description)
      return .done
    }
    console.print(ExperimentSummary(experiment.compiled).headline)
    console.print(
      "\(communicator.size) x \(trainer.pool.count) threads, \(result.steps.grouped) steps: median "
        + "\((1000 * result.medianSeconds).formatted(3)) ms, least "
        + "\((1000 * result.minSeconds).formatted(3)) ms, \(result.samplesPerSecond.asRate) samples/s"
    )
    console.print(
      "\(result.gflops.formatted(1)) GFLOP/s, \((100 * result.peakShare).formatted(1)) % of the "
        + "arithmetic peak of \((result.peak / 1e9).formatted(0)); "
        + "\(result.peakBytes.asBytes) of memory")
    let profile = result.profile
    console.print("")
    for line in profile.table(inDetail: arguments.showsDetail).lines { console.print(line) }
    console.print(
      "of the first rank, over \(profile.steps.grouped) other steps, whose parts were timed: "
        + "\((1000 * profile.seconds).formatted(3)) ms each")
    if communicator.size > 1 {
      console.print(
        "communication with other ranks, and waiting for them: "
          + "\((1000 * profile.communicating).formatted(3)) ms, "
          + "\((profile.communicating / profile.seconds).asPercent) of such a step")
    }
    return .done
  }

  /// Writes what the first rank does in a few steps, which all ranks take.
  private func trace(
    _ trainer: Trainer, _ communicator: Communicator, to file: String
  ) throws(Failure) {
    let (recording, _) = try Benchmark.record(trainer, steps: 5)
    try communicator.together { () throws(Failure) in
      guard communicator.rank == 0 else { return }
      try writeAtomically(recording.trace(rank: 0).description + "\n", to: file)
    }
  }
}
