internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Execution
internal import Reports
internal import Training

/// `nn-dist summary CONFIG`
struct SummaryCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let experiment = try communicator.together { () throws(Failure) in
      try Experiment(RunConfiguration(file: arguments.operand, set: arguments.overrides))
    }
    let overview = Overview(experiment)
    if arguments.answersInJSON {
      console.print(overview.json.description)
      return .done
    }
    let trainer = try communicator.together { () throws(Failure) in
      try Trainer(experiment, communicator: communicator, workers: communicator.cores)
    }
    let layout = experiment.configuration.layout
    console.print(overview.headline)
    for line in overview.layers.lines { console.print(line) }
    console.print("")
    console.print("\(layout.shards) shards of \(layout.size) samples: 1 to \(layout.shards) ranks")
    let memory = trainer.memory
    console.print(
      "\(memory.total.asBytes) on this rank with \(trainer.pool.count) workers: activations "
        + "\(memory.arenas.asBytes), gradients \(memory.gradients.asBytes), weights and moments "
        + "\(memory.state.asBytes), engine \(memory.shared.asBytes)")
    return .done
  }
}
