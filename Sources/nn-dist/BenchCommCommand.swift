internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Reports
internal import Training

/// The command `nn-dist bench-comm`.
struct BenchCommCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let isGiven = arguments.givesLink
    guard communicator.size > 1 || (arguments.configuration != nil && isGiven) else {
      throw Failure(
        .usage,
        "one process has no network to measure: start it with mpirun -np 2 nn-dist bench-comm, or "
          + "give --config, --latency and --bandwidth")
    }
    // Report an error of the configuration before measuring.
    let experiment = try experiment(communicator, console)
    let times = isGiven && experiment != nil ? [] : try communicator.reductionTimes()
    let link = communicator.link(times, arguments)
    let forecast = try experiment.map { experiment throws(Failure) in
      try ScalingForecast(
        experiment, workers: arguments.workers ?? communicator.cores, on: communicator,
        link: link, ranks: arguments.ranks)
    }
    if arguments.printsJSON {
      console.print(json(times, link, forecast).description)
      return .done
    }
    if !times.isEmpty {
      console.print(
        "all-reduce of one vector per rank over \(communicator.size) ranks, in ms:")
      for line in table(times).lines { console.print("  \(line)") }
    }
    console.print(
      "\(times.isEmpty ? "given" : "fitted"): latency \((1e6 * link.latency).formatted(digits: 3)) "
        + "microseconds, bandwidth \((link.bandwidth / 1e6).formatted(digits: 3)) "
        + "MB/s per direction"
    )
    guard let forecast, let experiment else { return .done }
    console.print("")
    console.print(
      "\(experiment.configuration.name): \(forecast.parameters.grouped) parameters, "
        + "\(forecast.shards) shards, \(forecast.workers) "
        + "\(forecast.workers == 1 ? "worker" : "workers") per rank, one rank per host:")
    for line in forecast.table.lines { console.print("  \(line)") }
    if let fastest = forecast.fastest {
      console.print("fastest: \(fastest.ranks) \(fastest.ranks == 1 ? "rank" : "ranks")")
    }
    return .done
  }

  private func experiment(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Experiment? {
    guard let file = arguments.configuration else { return nil }
    let configuration = try communicator.together { () throws(Failure) in
      try RunConfiguration(file: file, set: arguments.overrides)
    }
    return try communicator.experiment(
      configuration, arguments.printsJSON ? .silent : console)
  }

  private func table(_ times: [ReductionTimes]) -> Table {
    var table = Table([
      .right("bytes"), .right("ordered"), .right("MPI_Allreduce"), .right("ratio"),
    ])
    for time in times {
      table.add([
        time.bytes.grouped, (1000 * time.ordered).formatted(4),
        (1000 * time.native).formatted(4), (time.ordered / time.native).formatted(2),
      ])
    }
    return table
  }

  private func json(
    _ times: [ReductionTimes], _ link: Interconnect, _ forecast: ScalingForecast?
  ) -> JSONValue {
    .object([
      (
        "reductions",
        .array(
          times.map {
            .object([
              ("bytes", .integer($0.bytes)), ("ordered_ms", .number(1000 * $0.ordered)),
              ("native_ms", .number(1000 * $0.native)),
            ])
          })
      ),
      (
        "link",
        .object([
          ("latency_us", .number(1e6 * link.latency)),
          ("bandwidth_mb_per_second", .number(link.bandwidth / 1e6)),
        ])
      ),
      ("forecast", forecast?.json ?? .null),
    ])
  }
}
