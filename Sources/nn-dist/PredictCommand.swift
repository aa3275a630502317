internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Files
internal import ModelFiles
internal import Reports
internal import Training

/// The command `nn-dist predict RUN|CHECKPOINT|MODEL --input FILE`.
struct PredictCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let workers = arguments.workers ?? communicator.cores
    let answer = try communicator.onFirstRank { () throws(Failure) in
      try self.answer(workers: workers)
    }
    for fields in answer.flatMap(\.self) ?? [] { console.print(fields: fields) }
    let isAnswered = try communicator.broadcast([answer.flatMap(\.self) == nil ? 0 : 1]) == [1]
    if !isAnswered { try predictSamples(communicator, console, workers: workers) }
    return .done
  }

  /// The lines of a forecast, or of what a network makes of a text; nil if the input is samples.
  ///
  /// All of it is found before any output.
  private func answer(workers: Int) throws(Failure) -> [[String]]? {
    if arguments.horizon != nil { try requireNoOutput("--horizon") }
    if let horizon = arguments.horizon { return try forecast(horizon, workers: workers) }
    guard let input else {
      throw Failure(.usage, "predict needs --input FILE with the samples")
    }
    if let output = arguments.output {
      _ = try PredictionFormat(ofFile: output)
      try ExportFormat.check(output, replacing: arguments.replaces)
    }
    guard !StoredModel.isFile(arguments.operand) else {
      guard arguments.layer == nil else {
        throw Failure(.usage, "--layer: a model file has one output: leave it out")
      }
      guard arguments.beam == nil else {
        throw Failure(.usage, "--beam is for runs and checkpoints, not for model files")
      }
      return nil
    }
    try arguments.requireNoModelOptions()
    if let lines = try translations(of: input) { return lines }
    return try ResolvedCheckpoint.reading(arguments.operand, arguments.choice) {
      found throws(Failure) in
      let checkpoint = try Checkpoint(opening: found.path)
      try RunConfiguration(saved: checkpoint.configuration, of: found.path)
        .requireSupervised(else: "draw samples with nn-dist sample \(found.path)")
      let coding = try SampleCoding(text: checkpoint.coding, source: "\(found.path) /coding")
      guard try coding.readsText(FileKind(of: input)) else { return nil }
      try requireNoOutput("a text")
      let text: any TextResults =
        try coding.masked == nil
        ? TextPrediction(checkpoint, of: input) : MaskPrediction(checkpoint, of: input)
      printNote(EvaluateCommand.Samples.note(unknownSymbols: text.unknownSymbols))
      printNote(found.note.map { "\(found.path): \($0)" })
      guard arguments.printsJSON else { return text.fields }
      return [[JSONValue.object(head(of: found, checkpoint.step) + text.json).description]]
    }
  }

  /// The file of samples; `-` is standard input.
  var input: String? { arguments.input == "-" ? "/dev/stdin" : arguments.input }

  /// Throws if predictions that are no table were to become a file.
  func requireNoOutput(_ what: String) throws(Failure) {
    guard arguments.output == nil else {
      throw Failure(
        .usage, "--output is for the predictions of samples, not for \(what): leave it out")
    }
  }

  /// Only predictions go to standard output, where a program may read them.
  func printNote(_ note: String?) {
    if !arguments.printsJSON, let note { Console.standardError.print(note) }
  }

  func head(of found: ResolvedCheckpoint, _ step: Int) -> [(String, JSONValue)] {
    [("checkpoint", .string(found.path)), ("step", .integer(step))]
  }
}
