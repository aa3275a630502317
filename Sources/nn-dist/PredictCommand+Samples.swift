internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Files
internal import ModelFiles
internal import Reports
internal import Training

extension PredictCommand {
  /// A network, what it is called in JSON, and a note about the choice of its checkpoint.
  private struct Subject {
    let predictor: Predictor
    let head: [(String, JSONValue)]
    var note: String?
  }

  /// Predicts the samples of a file block by block, on all ranks.
  func predictSamples(
    _ communicator: Communicator, _ console: Console, workers: Int
  ) throws(Failure) {
    let path = arguments.operand
    let isModel = try communicator.broadcast(
      communicator.rank == 0 && StoredModel.isFile(path) ? "model" : "")
    let subject =
      isModel.isEmpty
      ? try checkpoint(communicator, workers: workers) : try model(communicator, workers: workers)
    let (predictor, isFirst) = (subject.predictor, communicator.rank == 0)
    let (samples, output) = try communicator.together { () throws(Failure) -> Ends in
      guard isFirst, let input else { return (nil, nil) }
      let samples = try predictor.coding.open(
        input, name: arguments.arrayName,
        channelsFirst: predictor.configuration.data.hasChannelsFirst)
      return (samples, try self.output(of: subject, console))
    }
    // Only where no line of the output would be drawn over.
    let progress = FileProgress(
      isFirst && (arguments.output != nil || !console.isTerminal) ? .standardError : .silent)
    let count: Int
    do throws(Failure) {
      count = try FilePrediction(predictor, communicator).run(samples, to: output) {
        progress.advance(samples: $0, share: $1)
      }
    } catch {
      progress.end()
      throw error
    }
    progress.end()
    if let samples { report(count, samples, subject, console) }
  }

  /// What rank 0 reads and writes.
  private typealias Ends = (samples: (any InputSamples)?, output: (any PredictionOutput)?)

  private func output(
    of subject: Subject, _ console: Console
  ) throws(Failure) -> any PredictionOutput {
    if let path = arguments.output {
      return try PredictionFormat(ofFile: path).output(to: path, of: subject.predictor)
    }
    return arguments.printsJSON
      ? PredictionObject(console, subject.head, of: subject.predictor) : PredictionLines(console)
  }

  private func report(
    _ count: Int, _ samples: any InputSamples, _ subject: Subject, _ console: Console
  ) {
    if samples.unknownCount > 0 {
      printNote("'\(input ?? "")': \(samples.unknownCount.grouped) symbols unknown")
    }
    printNote(subject.note)
    guard let path = arguments.output else { return }
    guard arguments.printsJSON else {
      return console.print("predicted \(count.grouped) samples: '\(path)'")
    }
    let members = subject.head + [("file", .string(path)), ("samples", .integer(count))]
    console.print(JSONValue.object(members).description)
  }

  private func checkpoint(
    _ communicator: Communicator, workers: Int
  ) throws(Failure) -> Subject {
    try communicator.reading(arguments.operand, arguments.choice) { found throws(Failure) in
      let (predictor, step, digest) = try communicator.together { () throws(Failure) in
        let checkpoint = try Checkpoint(opening: found.path)
        return (
          try Predictor(checkpoint, of: arguments.layer, workers: workers), checkpoint.step,
          checkpoint.tensorDigest
        )
      }
      try communicator.handshake([("weights", digest)])
      return Subject(
        predictor: predictor, head: head(of: found, step),
        note: found.note.map { "\(found.path): \($0)" })
    }
  }

  private func model(_ communicator: Communicator, workers: Int) throws(Failure) -> Subject {
    let (path, choices) = (arguments.operand, try arguments.modelChoices)
    let (model, digest) = try communicator.together { () throws(Failure) in
      (try StoredModel(reading: path, choices), try SHA256.of(file: path))
    }
    try communicator.handshake([("weights", digest)])
    // Without a coding in the model that of the input, which rank 0 alone has, decides.
    let own = try communicator.together { () throws(Failure) in
      communicator.rank == 0 ? try model.coding(of: path, for: input ?? "").text : ""
    }
    let text = try communicator.broadcast(own)
    let predictor = try communicator.together { () throws(Failure) in
      try Predictor(
        model, of: path, for: SampleCoding(text: text, source: "\(path) coding"), workers: workers)
    }
    return Subject(predictor: predictor, head: [("model", .string(path))])
  }
}
