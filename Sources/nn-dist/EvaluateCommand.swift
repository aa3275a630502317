internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Reports
internal import Training

/// `nn-dist evaluate RUN|CHECKPOINT`
struct EvaluateCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    // A run that goes on may have another newest checkpoint before all ranks have looked.
    let file = try communicator.broadcast(
      communicator.together { () throws(Failure) in
        communicator.rank == 0 ? try Checkpoint.find(arguments.operand) : ""
      })
    let (experiment, state) = try communicator.together { () throws(Failure) in
      let checkpoint = try Checkpoint(opening: file)
      let configuration = try RunConfiguration(saved: checkpoint.configuration, of: file)
      let experiment = try Experiment(configuration)
      let state = try ModelState(experiment, slice: 0..<0)
      try Checkpointing(experiment, communicator: communicator)
        .restoreWeights(state, from: checkpoint)
      return (experiment, state)
    }
    let pool = try communicator.together { () throws(Failure) in
      try WorkerPool(count: arguments.workers ?? communicator.cores)
    }
    let evaluator = try communicator.together { () throws(Failure) in
      let evaluator = try Evaluator(
        experiment.data.test, of: experiment, state: state, communicator: communicator, pool: pool)
      try evaluator.makeSessions()
      return evaluator
    }
    let result = try evaluator.evaluate()
    if arguments.answersInJSON {
      console.print(
        JSONValue.object([
          ("checkpoint", .string(file)),
          ("step", .integer(state.step)),
          ("samples", .integer(result.samples)),
          ("loss", .number(result.loss)),
          ("accuracy", .number(result.accuracy)),
        ]).description)
    } else {
      console.print("\(file), after step \(state.step.grouped)")
      console.print(
        "test loss \(result.loss.asFigure)  accuracy \((100 * result.accuracy).formatted(2)) % "
          + "(\(result.correct.grouped) of \(result.samples.grouped))")
    }
    return .done
  }
}
