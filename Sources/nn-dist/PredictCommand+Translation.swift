internal import Checkpoints
internal import CommandLineOptions
internal import Datasets
internal import Diagnostics
internal import Files
internal import Reports
internal import Training

extension PredictCommand {
  /// Translates the lines of a text file; nil if the network does not translate.
  func translations(of input: String) throws(Failure) -> [[String]]? {
    let (translator, found, step) = try ResolvedCheckpoint.reading(
      arguments.operand, arguments.choice
    ) { found throws(Failure) -> (Translator?, ResolvedCheckpoint, Int) in
      let checkpoint = try Checkpoint(opening: found.path)
      return (try makeTranslator(checkpoint), found, checkpoint.step)
    }
    guard let translator else {
      guard arguments.beam == nil else {
        throw Failure(
          .usage, "--beam is for networks that translate, '\(found.path)' does not: leave it out")
      }
      return nil
    }
    try requireNoOutput("translations")
    // An empty line keeps its number, so that it is refused and not passed over.
    var lines = try readText(input).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map { String($0) }
    if lines.last == "" { lines.removeLast() }
    let translations = try translator.translate(lines: lines, of: input)
    printNote(found.note.map { "\(found.path): \($0)" })
    printNote(EvaluateCommand.Samples.note(unknownSymbols: translator.unknownCount))
    guard arguments.printsJSON else { return translations.map { [$0.text] } }
    let results = zip(lines, translations).map { line, found in
      JSONValue.object([
        ("text", .string(line)), ("translation", .string(found.text)),
        ("log_probability", .number(found.logProbability)),
      ])
    }
    return [
      [
        JSONValue.object([
          ("checkpoint", .string(found.path)), ("step", .integer(step)),
          ("translations", .array(results)),
        ]).description
      ]
    ]
  }

  private func makeTranslator(_ checkpoint: borrowing Checkpoint) throws(Failure) -> Translator? {
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(checkpoint.path) /coding")
    guard Translator.takes(coding) else { return nil }
    return try Translator(checkpoint, beam: arguments.beam ?? 1)
  }
}
