internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Files
internal import Reports
internal import Training

/// The command `nn-dist evaluate RUN|CHECKPOINT`.
struct EvaluateCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    // A run that goes on may have another newest checkpoint before all ranks have looked.
    let file = try communicator.broadcast(
      communicator.together { () throws(Failure) in
        communicator.rank == 0 ? try Checkpoint.find(arguments.operand) : ""
      })
    let configuration = try communicator.together { () throws(Failure) in
      let checkpoint = try Checkpoint(opening: file)
      return try RunConfiguration(
        saved: checkpoint.configuration, of: file,
        dataFrom: arguments.dataFolder ?? folder(of: file))
    }
    let experiment = try communicator.experiment(
      configuration, arguments.answersInJSON ? .silent : console)
    let state = try communicator.together { () throws(Failure) in
      let state = try ModelState(experiment, slice: 0..<0)
      try Checkpointing(experiment, communicator: communicator)
        .restoreWeights(state, from: Checkpoint(opening: file))
      return state
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
    let scores = experiment.scores(result)
    let confusion = try evaluator.confusion()
    if arguments.answersInJSON {
      console.print(
        JSONValue.object(
          [
            ("checkpoint", .string(file)),
            ("step", .integer(state.step)),
            ("samples", .integer(result.samples)),
            ("loss", .number(scores.loss)),
          ] + scores.metrics.map { ($0.name, .number($0.value)) } + (confusion?.members ?? [])
        )
        .description)
    } else {
      console.print("\(file), after step \(state.step.grouped)")
      let set = experiment.data.hasTestSet ? "test" : "training (there is no test set)"
      let metrics = scores.metrics.map { "  \($0.text(of: result.samples))" }.joined()
      console.print("\(set) loss \(result.loss.asFigure)\(metrics)")
      for line in confusion?.table.lines ?? [] { console.print(line) }
    }
    return .done
  }

  /// Where the run of a checkpoint had its data from: a checkpoint itself tells no paths.
  private func folder(of checkpoint: String) -> String? {
    let run = directoryName(directoryName(checkpoint))
    return try? RunConfiguration(file: "\(run)/config.yaml", set: []).data.folder
  }
}

extension Metric {
  /// The figure over so many samples, of which a fraction is also told as a count.
  fileprivate func text(of samples: Int) -> String {
    guard form == .fraction else { return "\(name) \(value.asFigure)" }
    let count = Int((value * Double(samples)).rounded())
    return "\(name) \((100 * value).formatted(2)) % (\(count.grouped) of \(samples.grouped))"
  }
}
