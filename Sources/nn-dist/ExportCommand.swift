internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import ModelFiles
internal import Reports
internal import Training

/// The command `nn-dist export RUN|CHECKPOINT --to FORMAT`.
struct ExportCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let written = try communicator.onFirstRank { () throws(Failure) in try write() }
    guard let (export, found) = written else { return .done }
    guard arguments.answersInJSON else {
      if let note = found.note { console.print("\(found.path): \(note)") }
      console.print(
        "exported \(export.tensors.grouped) tensors with \(export.parameters.grouped) parameters: "
          + "'\(export.path)'")
      return .done
    }
    console.print(
      JSONValue.object([
        ("file", .string(export.path)), ("tensors", .integer(export.tensors)),
        ("parameters", .integer(export.parameters)),
      ]).description)
    return .done
  }

  private func write() throws(Failure) -> (Export, FoundCheckpoint) {
    let formats = ExportFormat.allCases.map(\.rawValue)
    guard let word = arguments.format else {
      throw Failure(
        .usage, "export needs --to FORMAT: \(formats.joined(separator: ", "))")
    }
    guard let format = ExportFormat(rawValue: word) else {
      throw Failure(
        .usage,
        "option '--to': unknown format '\(word)'\(Suggestion.hint(for: word, among: formats))")
    }
    let layout = try arguments.weightLayout
    guard format == .smodel || layout == nil && arguments.generation == nil else {
      throw Failure(.usage, "--layout and --neuron are about the format smodel")
    }
    guard layout != .permuted || arguments.generation != 2 else {
      throw Failure(.usage, "--layout permuted is for Neuron 1 alone: leave out --neuron 2")
    }
    return try FoundCheckpoint.reading(arguments.operand, arguments.choice) {
      found throws(Failure) in
      let path = arguments.output ?? found.directory.exportPath(format)
      let export = try Checkpoint(opening: found.path).export(
        format, to: path, replacing: arguments.replaces, layout: layout,
        generation: arguments.generation.flatMap { StoredModel.Generation(rawValue: $0) })
      return (export, found)
    }
  }
}
