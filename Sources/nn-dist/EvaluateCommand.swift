internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Files
internal import ModelFiles
internal import Reports
internal import Training

/// The command `nn-dist evaluate RUN|CHECKPOINT|MODEL`.
struct EvaluateCommand {
  let arguments: Arguments

  /// What is scored: an experiment, and weights for it.
  private struct Subject {
    let file: String
    let experiment: Experiment
    /// Nil of a model file.
    let step: Int?
    let state: ModelState
  }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let quiet = arguments.answersInJSON ? .silent : console
    let isModel = try communicator.broadcast(
      communicator.rank == 0 && StoredModel.isFile(arguments.operand) ? "model" : "")
    let subject =
      isModel.isEmpty
      ? try checkpoint(communicator, quiet) : try model(communicator, quiet)
    let experiment = subject.experiment
    let pool = try communicator.together { () throws(Failure) in
      try WorkerPool(count: arguments.workers ?? communicator.cores)
    }
    let evaluator = try communicator.together { () throws(Failure) in
      let evaluator = try Evaluator(
        experiment.data.test, of: experiment, state: subject.state, communicator: communicator,
        pool: pool)
      try evaluator.makeSessions()
      return evaluator
    }
    let result = try evaluator.evaluate()
    tell(subject, result, try evaluator.confusion(), console)
    return .done
  }

  private func tell(
    _ subject: Subject, _ result: Evaluation, _ confusion: Confusion?, _ console: Console
  ) {
    let scores = subject.experiment.scores(result)
    guard !arguments.answersInJSON else {
      let head: [(String, JSONValue)] =
        subject.step.map { [("checkpoint", .string(subject.file)), ("step", .integer($0))] }
        ?? [("model", .string(subject.file))]
      console.print(
        JSONValue.object(
          head + [("samples", .integer(result.samples)), ("loss", .number(scores.loss))]
            + scores.metrics.map { ($0.name, .number($0.value)) } + (confusion?.members ?? [])
        ).description)
      return
    }
    console.print(subject.file + (subject.step.map { ", after step \($0.grouped)" } ?? ""))
    let set = subject.experiment.data.hasTestSet ? "test" : "training (there is no test set)"
    let metrics = scores.metrics.map { "  \($0.text(of: result.samples))" }.joined()
    console.print("\(set) loss \(result.loss.asFigure)\(metrics)")
    for line in confusion?.lines(columns: console.width) ?? [] { console.print(line) }
  }

  // MARK: Checkpoints

  private func checkpoint(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Subject {
    // A run that goes on may have another newest checkpoint before all ranks have looked.
    let file = try communicator.broadcast(
      communicator.together { () throws(Failure) in
        try arguments.requireNoModelOptions()
        return communicator.rank == 0 ? try Checkpoint.find(arguments.operand) : ""
      })
    let configuration = try communicator.together { () throws(Failure) in
      let checkpoint = try Checkpoint(opening: file)
      return try RunConfiguration(
        saved: checkpoint.configuration, of: file,
        dataFrom: arguments.dataFolder ?? folder(of: file))
    }
    try communicator.together { () throws(Failure) in
      try configuration.requireAnswers(
        else: "look at samples of it with nn-dist sample \(arguments.operand)")
    }
    let experiment = try communicator.experiment(configuration, console)
    let state = try communicator.together { () throws(Failure) in
      let state = try ModelState(experiment)
      try Checkpointing(experiment, communicator: communicator)
        .restoreWeights(state, from: Checkpoint(opening: file))
      return state
    }
    return Subject(file: file, experiment: experiment, step: state.step, state: state)
  }

  /// Where the run of a checkpoint had its data from: a checkpoint itself tells no paths.
  private func folder(of checkpoint: String) -> String? {
    let run = directoryName(directoryName(checkpoint))
    return try? RunConfiguration(file: "\(run)/config.yaml", set: []).data.folder
  }

  // MARK: Model files

  private func model(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Subject {
    let path = arguments.operand
    let (model, data) = try communicator.together { () throws(Failure) in
      guard let name = arguments.dataset else {
        throw Failure(
          .usage, "'\(path)' names no data to score it on: give a dataset with --data NAME")
      }
      return (
        try StoredModel(reading: path, arguments.modelChoices),
        try DataConfiguration(scoringOn: name, from: arguments.dataFolder)
      )
    }
    let splits: Splits
    do throws(Failure) {
      splits = try communicator.splits(data, console)
    } catch {
      // The option became a setting, of which the failure speaks.
      throw Failure(error.code, error.message.replacing("--set dataset", with: "--data"))
    }
    return try communicator.together { () throws(Failure) in
      let (experiment, network) = try StoredNetwork.experiment(
        model, of: path, on: splits, shiftedBy: (arguments.imageOffset ?? 16) - 16)
      let state = try ModelState(experiment)
      try network.load(into: state)
      return Subject(file: path, experiment: experiment, step: nil, state: state)
    }
  }
}

extension DataConfiguration {
  /// The data of a configuration file, or a dataset by its name.
  fileprivate init(scoringOn name: String, from folder: String?) throws(Failure) {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      let changes = folder.map { ["data.from='\($0.replacing("'", with: "''"))'"] } ?? []
      self = try RunConfiguration(file: name, set: changes).data
    } else {
      self = try DataConfiguration(dataset: name, from: folder)
    }
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
