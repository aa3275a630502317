internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Execution
internal import Reports
internal import Training

/// The command `nn-dist summary CONFIG`.
struct SummaryCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let compiled = try communicator.compiledExperiment(arguments, console)
    let resources = try communicator.together { () throws(Failure) in
      try RunResources(compiled, communicator: communicator, workers: communicator.cores)
    }
    let plan = try communicator.together { () throws(Failure) in
      try chosenPlan(of: resources, compiled)
    }
    let overview = ExperimentSummary(compiled)
    if arguments.printsJSON {
      console.print(overview.json(resources, plan).description)
      return .done
    }
    let layout = compiled.configuration.layout
    console.print(overview.headline)
    for line in overview.sets { console.print(line) }
    for line in overview.layers.lines { console.print(line) }
    for line in overview.writtenOut { console.print(line) }
    console.print("")
    console.print("\(layout.shards) shards of \(layout.size) samples: 1 to \(layout.shards) ranks")
    let memory = resources.memory
    console.print(
      "\(memory.total.asBytes) on this rank with \(resources.workers) workers: activations "
        + "\(memory.arenas.asBytes), gradients \(memory.gradients.asBytes), weights and moments "
        + "\(memory.state.asBytes), engine \(memory.packed.asBytes), copy for checkpoints "
        + "\(memory.snapshot.asBytes)"
        + (memory.distributions > 0
          ? ", copy for TensorBoard \(memory.distributions.asBytes)" : ""))
    guard let plan else { return .done }
    console.print("")
    console.print("training of a shard of \(plan.samples) samples:")
    for line in plan.instructions.lines + [""] + plan.blocks.lines { console.print(line) }
    console.print(plan.arena)
    return .done
  }

  /// Returns the plan if `--plan` is given.
  private func chosenPlan(
    of resources: RunResources, _ compiled: CompiledExperiment
  ) throws(Failure) -> PlanSummary? {
    guard arguments.showsPlan else { return nil }
    guard let plan = resources.plan else {
      throw Failure(
        .usage,
        "the engine \(compiled.configuration.engine.rawValue) has no plan: leave out --plan")
    }
    return plan
  }
}
