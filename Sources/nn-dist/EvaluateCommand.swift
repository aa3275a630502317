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

  /// What is evaluated: an experiment and its weights.
  private struct Subject {
    let file: String
    /// A note about the choice of the checkpoint.
    var note: String?
    let experiment: Experiment
    /// Nil for a model file.
    let step: Int?
    let state: ModelState
    let samples: Samples
    /// The training set, if forecasts are compared with those of baselines.
    var training: Dataset?

    /// The names of the real targets.
    var labels: [String] { experiment.data.test.coding.targetNames }
  }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let quiet = arguments.printsJSON ? .silent : console
    let isModel = try communicator.broadcast(
      communicator.rank == 0 && StoredModel.isFile(arguments.operand) ? "model" : "")
    try communicator.together { () throws(Failure) in try checkOptions() }
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
    let metrics = try evaluator.evaluate()
    let confusion = try evaluator.confusion()
    let (set, training) = (experiment.data.test, subject.training)
    let forecast = try communicator.onFirstRank { () throws(Failure) in
      try Self.forecast(on: set, fittedTo: training, metrics)
    }
    let trained = subject.step == nil ? nil : subject.file
    let exact = try communicator.onFirstRank { () throws(Failure) in
      try exactCount(of: set, trained)
    }.flatMap(\.self)
    if arguments.printsJSON {
      printJSON(of: subject, metrics, confusion, forecast.flatMap(\.self), exact, console)
    } else {
      printLines(of: subject, metrics, confusion, forecast.flatMap(\.self), console)
      if let exact {
        let share = 100 * Double(exact) / Double(set.count)
        console.print(
          "translated exactly: \(share.formatted(2)) % (\(exact.grouped) of \(set.count.grouped)), "
            + (beam == 1 ? "greedy search" : "a beam of \(beam)"))
      }
    }
    return .done
  }

  private var beam: Int { arguments.beam ?? 1 }

  /// The number of samples whose translation is exactly theirs; nil for networks of other kinds.
  private func exactCount(of set: Dataset, _ checkpoint: String?) throws(Failure) -> Int? {
    guard let checkpoint, Translator.takes(set.coding) else {
      guard arguments.beam == nil else {
        throw Failure(
          .usage,
          "--beam is for runs that translate, '\(arguments.operand)' does not: leave it out")
      }
      return nil
    }
    return try Translator(Checkpoint(opening: checkpoint), beam: beam).exactCount(of: set)
  }

  /// The errors of a forecast beside those of baselines, if `rmse` is followed.
  private static func forecast(
    on set: Dataset, fittedTo training: Dataset?, _ metrics: Metrics
  ) throws(Failure) -> ForecastScores? {
    guard let training, let columns = set.columns,
      metrics.kinds.contains(.rootMeanSquare),
      let baselines = try ForecastBaselines(on: set, fittedTo: training)
    else { return nil }
    return ForecastScores(
      metrics, columns.targetNames, units: columns.targetDeviations,
      lastValue: baselines.lastValue, autoregression: baselines.autoregression)
  }

  private func printJSON(
    of subject: Subject, _ metrics: Metrics, _ confusion: ConfusionMatrix?,
    _ forecast: ForecastScores?, _ exact: Int?, _ console: Console
  ) {
    let head: [(String, JSONValue)] =
      subject.step.map { [("checkpoint", .string(subject.file)), ("step", .integer($0))] }
      ?? [("model", .string(subject.file))]
    let unknown = subject.experiment.data.test.unknownSymbols
      .map { [("unknown_symbols", JSONValue.integer($0))] }
    let scores: [(String, JSONValue)] =
      [subject.samples.json, ("samples", .integer(metrics.samples))] + (unknown ?? [])
      + [("loss", .number(metrics.loss))]
    let details =
      confusion?.members ?? LabelScores(metrics)?.members(subject.labels) ?? forecast?.members ?? []
    let translated: [(String, JSONValue)] =
      exact.map { [("exact", .integer($0)), ("beam", .integer(beam))] } ?? []
    console.print(
      JSONValue.object(head + scores + metrics.members + details + translated).description)
  }

  private func printLines(
    of subject: Subject, _ metrics: Metrics, _ confusion: ConfusionMatrix?,
    _ forecast: ForecastScores?, _ console: Console
  ) {
    console.print(
      subject.file + (subject.step.map { ", after step \($0.grouped)" } ?? "")
        + (subject.note.map { ": \($0)" } ?? ""))
    let unit = subject.experiment.measuresText ? " nats" : ""
    console.print(
      "\(subject.samples.name) loss \(metrics.loss.asShortNumber)\(unit)\(text(of: metrics))")
    if let note = Samples.note(unknownSymbols: subject.experiment.data.test.unknownSymbols) {
      console.print(note)
    }
    let lines =
      confusion?.lines(columns: console.width) ?? LabelScores(metrics)?.lines(subject.labels)
      ?? forecast?.lines
    for line in lines ?? [] { console.print(line) }
  }

  /// Returns the metrics as text; a fraction is also printed as a count.
  private func text(of metrics: Metrics) -> String {
    metrics.values.map { metric, value in
      guard metric.form == .fraction else { return "  \(metric.name) \(value.asShortNumber)" }
      let targets = metrics.targets(of: metric)
      let share = "  \(metric.name) \((100 * value).formatted(2)) %"
      // A mean over classes has no count of targets.
      guard targets > 0 else { return share }
      let count = Int((value * Double(targets)).rounded())
      return "\(share) (\(count.grouped) of \(targets.grouped))"
    }.joined()
  }

  // MARK: Checkpoints

  private func checkpoint(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Subject {
    try communicator.together { () throws(Failure) in try arguments.requireNoModelOptions() }
    return try communicator.reading(arguments.operand, arguments.choice) { found throws(Failure) in
      try checkpoint(found, communicator, console)
    }
  }

  private func checkpoint(
    _ found: ResolvedCheckpoint, _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Subject {
    let file = found.path
    let scoring = try communicator.together { () throws(Failure) in
      let scoring = try CheckpointEvaluation(
        Checkpoint(opening: file), dataFrom: arguments.dataFolder ?? found.dataFolder,
        set: arguments.overrides)
      try scoring.configuration.requireSupervised(
        else: "look at samples of it with nn-dist sample \(arguments.operand)")
      return scoring
    }
    let input = arguments.answeredInput(
      channelsFirst: scoring.configuration.data.hasChannelsFirst)
    let (data, samples): (Dataset, Samples)
    var training: Dataset?
    if let input {
      (data, samples) = (
        try self.samples(of: input.file, scoring, communicator, console), input.samples
      )
      if data.columns?.window != nil {
        training = try self.training(scoring, communicator, console)
      }
    } else {
      let splits = try communicator.splits(scoring, console)
      (data, samples) = try part(of: splits, communicator)
      training = splits.training
    }
    let fitted = training
    return try communicator.together { () throws(Failure) in
      let experiment = try scoring.experiment(on: data)
      let state = try ModelState(experiment)
      try CheckpointLoader(experiment, communicator: communicator)
        .restoreWeights(state, from: Checkpoint(opening: file))
      return Subject(
        file: file, note: found.note, experiment: experiment, step: state.step, state: state,
        samples: samples, training: fitted)
    }
  }

  /// The samples of a file, coded as those that the network of a checkpoint was trained on.
  private func samples(
    of input: LabelledInput, _ scoring: CheckpointEvaluation, _ communicator: Communicator,
    _ console: Console
  ) throws(Failure) -> Dataset {
    let coding = try communicator.together { () throws(Failure) in try scoring.codingOfInput() }
    return try communicator.samples(input, for: coding, console)
  }

  /// The training set of a run; nil if its files are gone.
  private func training(
    _ scoring: CheckpointEvaluation, _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Dataset? {
    do throws(Failure) { return try communicator.splits(scoring, console).training } catch {
      guard error.code == .noInput else { throw error }
      return nil
    }
  }

  // MARK: Model files

  private func model(
    _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Subject {
    let path = arguments.operand
    guard arguments.overrides.isEmpty else {
      throw Failure(.usage, "--set applies only to runs and checkpoints, and '\(path)' is a model")
    }
    let (model, own) = try communicator.together { () throws(Failure) in
      let model = try StoredModel(reading: path, arguments.modelChoices)
      return (model, try model.coding(of: path))
    }
    let (data, samples, isCoded): (Dataset, Samples, Bool)
    if let input = arguments.answeredInput(channelsFirst: false) {
      let coding = try communicator.together { () throws(Failure) in
        try model.coding(of: path, for: input.path)
      }
      (samples, isCoded) = (input.samples, true)
      data = try communicator.samples(input.file, for: coding, console)
    } else {
      isCoded = own != nil
      (data, samples) = try part(of: splits(own, communicator, console), communicator)
    }
    return try communicator.together { () throws(Failure) in
      let (experiment, network) = try StoredNetwork.experiment(
        model, of: path, on: data, isCoded: isCoded,
        shiftedBy: (arguments.imageOffset ?? 16) - 16)
      let state = try ModelState(experiment)
      try network.load(into: state)
      return Subject(
        file: path, experiment: experiment, step: nil, state: state, samples: samples)
    }
  }

  /// Returns the dataset of `--data`, in the coding of the model.
  private func splits(
    _ coding: SampleCoding?, _ communicator: Communicator, _ console: Console
  ) throws(Failure) -> Splits {
    let (data, seed) = try communicator.together { () throws(Failure) in
      guard let name = arguments.dataset else {
        throw Failure(
          .usage,
          "'\(arguments.operand)' stores no dataset to evaluate it on: give one with --data NAME, "
            + "or a file with --input FILE")
      }
      return try DataConfiguration.scoring(on: name, from: arguments.dataFolder)
    }
    do throws(Failure) {
      return try communicator.splits(data, seed: seed, as: coding.map { KnownCoding($0) }, console)
    } catch {
      // The failure refers to the setting that the option became.
      throw Failure(error.code, error.message.replacing("--set dataset", with: "--data"))
    }
  }
}

extension ResolvedCheckpoint {
  /// The data folder of the run, which the checkpoint does not store itself.
  var dataFolder: String? {
    let folder = directoryName(path)
    // An export is beside the folder of checkpoints.
    let run = baseName(folder) == "checkpoints" ? directoryName(folder) : folder
    return try? RunConfiguration(file: "\(run)/config.yaml", set: []).data.folder
  }
}

extension DataConfiguration {
  /// The data of a configuration file with the seed that divides them, or of a dataset by its name.
  fileprivate static func scoring(
    on name: String, from folder: String?
  ) throws(Failure) -> (data: DataConfiguration, seed: UInt64) {
    guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") else {
      return (try DataConfiguration(dataset: name, from: folder), 1)
    }
    let changes = folder.map { ["data.from='\($0.replacing("'", with: "''"))'"] } ?? []
    let configuration = try RunConfiguration(file: name, set: changes)
    return (configuration.data, configuration.seed)
  }
}
