internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import ModelFiles
internal import Reports
internal import Training

/// The command `nn-dist export RUN|CHECKPOINT|MODEL --to FORMAT`.
struct ExportCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let written = try communicator.onFirstRank { () throws(Failure) in try write() }
    guard let (export, readers, note) = written else { return .done }
    guard arguments.printsJSON else {
      if let note { console.print(note) }
      console.print(
        "exported \(export.tensors.grouped) tensors with \(export.parameters.grouped) parameters: "
          + "'\(export.path)'" + (readers.map { ", for \($0.releases)" } ?? ""))
      for note in readers?.notes ?? [] { console.print("note: \(note)") }
      return .done
    }
    var members: [(String, JSONValue)] = [
      ("file", .string(export.path)), ("tensors", .integer(export.tensors)),
      ("parameters", .integer(export.parameters)),
    ]
    if let readers {
      members += [
        ("readers", .string(readers.releases)),
        ("notes", .array(readers.notes.map { .string($0) })),
      ]
    }
    console.print(JSONValue.object(members).description)
    return .done
  }

  /// Returns the export, the releases that can read it, and a note about the checkpoint's choice.
  private func write() throws(Failure) -> (export: Export, readers: Readers?, note: String?) {
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
      throw Failure(.usage, "--layout and --neuron apply only to the format smodel")
    }
    if let layout, arguments.generation == 2 {
      throw Failure(
        .usage, "--layout \(layout.rawValue) is only for Neuron 1: leave out --neuron 2")
    }
    let generation = arguments.generation.flatMap { StoredModel.Generation(rawValue: $0) }
    let path = arguments.operand
    if StoredModel.isFile(path) {
      let choices = StoredModel.Choices(release: try arguments.modelRelease)
      let model = try StoredModel(reading: path, choices)
      let stem = path.hasSuffix(".smodel") ? String(path.dropLast(7)) : path
      let (export, readers) = try model.export(
        format, to: arguments.output ?? "\(stem).\(format.rawValue)",
        replacing: arguments.replaces, layout: layout, generation: generation)
      return (export, readers, nil)
    }
    guard arguments.release == nil else {
      throw Failure(.usage, "--release applies only to model files, and '\(path)' is not one")
    }
    return try ResolvedCheckpoint.reading(path, arguments.choice) { found throws(Failure) in
      let (export, readers) = try Checkpoint(opening: found.path).export(
        format, to: arguments.output ?? found.directory.exportPath(format),
        replacing: arguments.replaces, layout: layout, generation: generation)
      return (export, readers, found.note.map { "\(found.path): \($0)" })
    }
  }
}
