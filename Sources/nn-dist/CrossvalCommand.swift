internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Reports
internal import Training

/// The command `nn-dist crossval CONFIG`: trains a network for each fold and scores it on the fold.
///
/// Each fold has a run of its own, which is resumed if it was interrupted and scored again if it
/// is finished, so a command that is repeated prints the same table.
struct CrossvalCommand {
  let arguments: Arguments

  private var folds: Int { arguments.folds ?? 5 }
  private var repeats: Int { arguments.repeats ?? 1 }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let lines = arguments.printsJSON ? Console.silent : console
    let configuration = try communicator.together { () throws(Failure) in
      let configuration = try RunConfiguration(file: arguments.operand, set: arguments.overrides)
      try configuration.requireSupervised(else: "cross-validation is for networks with metrics")
      return configuration
    }
    let folder = arguments.runDirectory ?? "runs/\(configuration.name)/crossval"
    if arguments.startsAfresh {
      let moved = try communicator.onFirstRank { () throws(Failure) in
        try RunDirectory.setAside(folder)
      }
      if let moved = moved ?? nil { lines.print("the earlier folds are kept in '\(moved)'") }
    }
    if configuration.choosesOnTestSet {
      lines.print(
        "note: the best checkpoint of a fold is chosen on its own samples, which flatters it; --set "
          + "data.validation=0.1 chooses on training samples")
    }
    var scores = CrossvalScores()
    for round in 0..<repeats {
      for number in 1...folds {
        let fold = Fold(number, of: folds)
        let path = "\(folder)/\(fold.folder)\(round == 0 ? "" : "-repeat-\(round + 1)")"
        lines.print("fold \(fold)\(repeats > 1 ? ", repeat \(round + 1)" : ""): '\(path)'")
        let ending = try train(
          configuration, fold, round: round, in: path, communicator,
          arguments.printsJSON ? .silent : console.statusOnly)
        guard ending == .finished else {
          let reason = ending == .timeIsUp ? "max_time is over" : "stopped on request"
          lines.print("\(reason) in '\(path)'; resume with: \(resumingCommand)")
          return ending == .timeIsUp ? .done : .stoppedOnRequest
        }
        scores.add(try score(path, communicator), fold: number, round: round + 1, run: path)
      }
    }
    if arguments.printsJSON {
      console.print(scores.json.description)
    } else {
      for line in scores.table.lines { console.print(line) }
    }
    return .done
  }

  /// The command that goes on with the folds.
  private var resumingCommand: String {
    arguments.command("crossval", "--folds", String(folds), "--repeats", String(repeats))
  }

  /// Trains the network of a fold, unless it is trained already.
  private func train(
    _ configuration: RunConfiguration, _ fold: Fold, round: Int, in path: String,
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> ConfiguredTraining.Ending {
    let seed = (configuration.seed + UInt64(round)) & UInt64(Int.max)
    let own = try communicator.together { () throws(Failure) in
      try RunConfiguration(
        file: arguments.operand,
        set: arguments.overrides + ["data.fold=\(fold)", "seed=\(seed)"])
    }
    let training = ConfiguredTraining(
      configuration: own, path: path, start: .resume, arguments: arguments,
      resumingCommand: resumingCommand)
    let ending = try training.run(communicator, console)
    console.clearStatus()
    return ending
  }

  /// The metrics of a fold's best checkpoint, or its newest if none is marked, on its test set.
  private func score(
    _ path: String, _ communicator: Communicator
  ) throws(Failure) -> Metrics {
    try communicator.reading(path, .best) { found throws(Failure) in
      let scoring = try communicator.together { () throws(Failure) in
        try CheckpointEvaluation(Checkpoint(opening: found.path), dataFrom: found.dataFolder)
      }
      let set = try communicator.splits(scoring, .silent).test
      let (evaluator, state, pool) = try communicator.together { () throws(Failure) in
        let experiment = try scoring.experiment(on: set)
        let state = try ModelState(experiment)
        try CheckpointLoader(experiment, communicator: communicator)
          .restoreWeights(state, from: Checkpoint(opening: found.path))
        let pool = try WorkerPool(count: arguments.workers ?? communicator.cores)
        let evaluator = try Evaluator(
          set, of: experiment, state: state, communicator: communicator, pool: pool)
        try evaluator.makeSessions()
        return (evaluator, state, pool)
      }
      defer {
        pool.stop()
        // The evaluator reads the weights of the state.
        withExtendedLifetime(state) {}
      }
      return try evaluator.evaluate()
    }
  }
}
