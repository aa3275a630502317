internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import ModelFiles
internal import Reports
internal import Training

/// The command `nn-dist predict RUN|CHECKPOINT|MODEL --input FILE`.
struct PredictCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let workers = arguments.workers ?? communicator.cores
    let lines = try communicator.onFirstRank { () throws(Failure) in
      try answer(workers: workers)
    }
    for fields in lines ?? [] { console.print(fields: fields) }
    return .done
  }

  /// Predicts all samples before any output, so that a failure prints no predictions.
  private func answer(workers: Int) throws(Failure) -> [[String]] {
    if let horizon = arguments.horizon { return try forecast(horizon, workers: workers) }
    guard let input = arguments.input else {
      throw Failure(.usage, "predict needs --input FILE with the samples")
    }
    if StoredModel.isFile(arguments.operand) {
      let path = arguments.operand
      let model = try StoredModel(reading: path, arguments.modelChoices)
      guard arguments.layer == nil else {
        throw Failure(.usage, "--layer: a model file has one output: leave it out")
      }
      guard arguments.beam == nil else {
        throw Failure(.usage, "--beam is for runs and checkpoints, not for model files")
      }
      let predictor = try Predictor(model, of: path, for: input, workers: workers)
      return try lines(predictor, input, [("model", .string(path))])
    }
    try arguments.requireNoModelOptions()
    if let lines = try translations(of: input) { return lines }
    return try ResolvedCheckpoint.reading(arguments.operand, arguments.choice) {
      found throws(Failure) in
      let checkpoint = try Checkpoint(opening: found.path)
      let predictor = try Predictor(checkpoint, of: arguments.layer, workers: workers)
      let head: [(String, JSONValue)] = [
        ("checkpoint", .string(found.path)), ("step", .integer(checkpoint.step)),
      ]
      let lines =
        try predictor.coding.readsText(FileKind(of: input))
        ? self.lines(
          predictor.coding.masked == nil
            ? TextPrediction(checkpoint, of: input) : MaskPrediction(checkpoint, of: input), head)
        : lines(predictor, input, head)
      printNote(found.note.map { "\(found.path): \($0)" })
      return lines
    }
  }

  /// Only predictions go to standard output, where a program may read them.
  func printNote(_ note: String?) {
    if !arguments.printsJSON, let note { Console.standardError.print(note) }
  }

  private func lines(_ text: any TextResults, _ head: [(String, JSONValue)]) -> [[String]] {
    printNote(EvaluateCommand.Samples.note(unknownSymbols: text.unknownSymbols))
    return arguments.printsJSON ? [[JSONValue.object(head + text.json).description]] : text.fields
  }

  private func lines(
    _ predictor: Predictor, _ input: String, _ head: [(String, JSONValue)]
  ) throws(Failure) -> [[String]] {
    let samples = try predictor.coding.open(
      input, name: arguments.arrayName,
      channelsFirst: predictor.configuration.data.hasChannelsFirst)
    let predictions = Predictions(predictor, samples, try predictor.predictions(for: samples))
    guard arguments.printsJSON else {
      if samples.unknownCount > 0 {
        Console.standardError.print("'\(input)': \(samples.unknownCount.grouped) symbols unknown")
      }
      return (0..<predictions.count).map(predictions.fields)
    }
    return [[JSONValue.object(head + predictions.json).description]]
  }
}
