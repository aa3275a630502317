internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Execution
internal import Reports
internal import Training

/// `nn-dist bench CONFIG`
struct BenchCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let experiment = try communicator.together { () throws(Failure) in
      try Experiment(
        RunConfiguration(file: arguments.operand, set: arguments.overrides))
    }
    let trainer = try communicator.together { () throws(Failure) in
      try Trainer(
        experiment, communicator: communicator, workers: arguments.workers ?? communicator.cores)
    }
    let result = try Benchmark(trainer, communicator: communicator, steps: arguments.steps)
    if arguments.answersInJSON {
      console.print(result.json.description)
      return .done
    }
    console.print(Overview(experiment).headline)
    console.print(
      "\(communicator.size) x \(trainer.pool.count) threads, \(result.steps.grouped) steps: median "
        + "\((1000 * result.medianSeconds).formatted(3)) ms, least "
        + "\((1000 * result.minSeconds).formatted(3)) ms, \(result.samplesPerSecond.asRate) samples/s")
    console.print(
      "\(result.gflops.formatted(1)) GFLOP/s, \((100 * result.peakShare).formatted(1)) % of the "
        + "arithmetic peak of \((result.peak / 1e9).formatted(0)); "
        + "\(result.peakBytes.asBytes) of memory")
    return .done
  }
}
