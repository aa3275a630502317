internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Configuration
internal import Diagnostics
internal import Files
internal import Planning
internal import Reports
internal import Training

/// The command `nn-dist plan CONFIG --budget TIME`.
struct TrainingPlanCommand {
  let arguments: Arguments

  /// The network that is assumed if there is only one process: Gigabit Ethernet.
  private static let assumedLink = Interconnect(latency: 50e-6, bandwidth: 117e6)

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) {
    let (seconds, constants) = try communicator.together {
      () throws(Failure) -> (Double, ScalingConstants) in
      if let output = arguments.output {
        try ExportFormat.check(output, replacing: arguments.replaces)
      }
      return (try budget, try arguments.scalingConstants)
    }
    let experiment = try communicator.experiment(arguments, console)
    try communicator.together { () throws(Failure) in
      try TrainingPlan.requireLanguageModel(experiment)
    }
    let link = try link(communicator)
    let workers = arguments.workers ?? communicator.cores
    let ranks = arguments.rankCount ?? communicator.size
    func plan(_ experiment: Experiment) throws(Failure) -> TrainingPlan {
      try TrainingPlan(
        experiment, seconds: seconds, ranks: ranks, workers: workers, link: link,
        constants: constants, on: communicator)
    }
    func size(_ plan: TrainingPlan) throws(Failure) -> SizedExperiment {
      try communicator.together { () throws(Failure) in
        try SizedExperiment(experiment, parameters: plan.plan.parameters, steps: plan.steps) {
          overrides throws(Failure) in
          try RunConfiguration(file: arguments.operand, set: arguments.overrides + overrides)
        }
      }
    }
    // A network of another size has another rate, so that of the planned size is measured too.
    let first = try size(plan(experiment))
    let large = try communicator.together { () throws(Failure) in
      try RunResources(first.compiled(on: experiment.data), ranks: 1, workers: workers)
        .requireMemory(ranks: 1)
      return try Experiment(first.configuration, data: experiment.data)
    }
    let result = try plan(large)
    let sized = try size(result)
    let memory = try communicator.together { () throws(Failure) in
      try RunResources(sized.compiled(on: experiment.data), ranks: ranks, workers: workers)
        .memory.total
    }
    try communicator.together { () throws(Failure) in
      guard communicator.rank == 0, let output = arguments.output else { return }
      try writeAtomically(sized.fileText(result.origin), to: output)
    }
    if arguments.printsJSON {
      console.print(JSONValue.object(result.members(sized, memory: memory)).description)
      return
    }
    for line in result.lines(sized, memory: memory) { console.print(line) }
    if let output = arguments.output { console.print("wrote '\(output)'") }
    for note in result.notes(sized) + (isAssumed(communicator) ? [Self.assumption] : []) {
      console.print("note: \(note)")
    }
  }

  private static let assumption =
    "latency and bandwidth are assumed: start this under mpirun -np 2 to measure them, or give "
    + "--latency and --bandwidth"

  /// The seconds of `--budget`.
  private var budget: Double {
    get throws(Failure) {
      let text = arguments.budget ?? ""
      guard let seconds = Timespan(text, units: [.hours, .minutes, .seconds])?.seconds else {
        throw Failure(
          .usage,
          "option '--budget': expected a time such as '8 h', '30 min' or '90 s', found '\(text)'")
      }
      return Double(seconds)
    }
  }

  /// Whether nothing is known of the network between ranks.
  private func isAssumed(_ communicator: Communicator) -> Bool {
    communicator.size == 1 && (arguments.rankCount ?? 1) > 1 && !arguments.givesLink
  }

  /// The network between ranks: measured if there are several, unless the user describes it.
  private func link(_ communicator: Communicator) throws(Failure) -> Interconnect {
    if communicator.size > 1, !arguments.givesLink {
      return communicator.link(try communicator.reductionTimes(), arguments)
    }
    let assumed = Self.assumedLink
    return Interconnect(
      latency: arguments.latency.map { $0 / 1e6 } ?? assumed.latency,
      bandwidth: arguments.bandwidth.map { $0 * 1e6 } ?? assumed.bandwidth)
  }
}
