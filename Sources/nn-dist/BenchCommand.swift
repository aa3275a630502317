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
    if arguments.printsJSON {
      console.print(result.json.description)
      return .done
    }
    console.print(ExperimentSummary(experiment.compiled).headline)
    console.print(
      "\(communicator.size) x \(trainer.pool.count) threads, \(result.steps.grouped) steps: median "
        + "\((1000 * result.medianSeconds).formatted(3)) ms, least "
        + "\((1000 * result.minSeconds).formatted(3)) ms, "
        + "\(result.samplesPerSecond.asRate) samples/s"
    )
    console.print(
      "\(result.gflops.formatted(1)) GFLOP/s, \((100 * result.peakShare).formatted(1)) % of the "
        + "arithmetic peak of \((result.peak / 1e9).formatted(0)); "
        + "\(result.peakBytes.asBytes) of memory")
    let profile = result.profile
    console.print("")
    for line in profile.table(inDetail: arguments.showsDetail).lines { console.print(line) }
    console.print(
      "on rank 0, over \(profile.steps.grouped) more steps with timed operations: "
        + "\((1000 * profile.seconds).formatted(3)) ms per step")
    if communicator.size > 1 {
      console.print(
        "communication with other ranks, including waiting: "
          + "\((1000 * profile.communicating).formatted(3)) ms, "
          + "\((profile.communicating / profile.seconds).asPercent) of a step")
    }
    return .done
  }

  /// Runs a few steps on all ranks, and writes a trace of rank 0.
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
