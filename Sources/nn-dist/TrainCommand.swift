internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Reports
internal import Training

/// The command `nn-dist train CONFIG`.
struct TrainCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let configuration = try communicator.together { () throws(Failure) in
      try RunConfiguration(file: arguments.operand, set: arguments.overrides)
    }
    let training = ConfiguredTraining(
      configuration: configuration, path: arguments.runDirectory ?? configuration.runDirectory,
      start: arguments.resumption != nil ? .resume : arguments.startsAfresh ? .fresh : .new,
      checkpoint: arguments.resumedCheckpoint, arguments: arguments,
      resumingCommand: arguments.command("train", "--resume"))
    return try training.run(communicator, console) == .stoppedOnRequest
      ? .stoppedOnRequest : .done
  }
}

extension RunConfiguration {
  /// Where a run goes unless the command line says otherwise; that of a fold has a place of its
  /// own.
  fileprivate var runDirectory: String {
    (["runs/\(name)"] + (data.fold.map { [$0.folder] } ?? [])).joined(separator: "/")
  }
}

extension Arguments {
  /// The checkpoint to resume from; nil: the newest.
  fileprivate var resumedCheckpoint: String? {
    if case .checkpoint(let file) = resumption { file } else { nil }
  }

  /// A command with the configuration, its changes and its run directory, quoted for a shell.
  func command(_ name: String, _ options: String...) -> String {
    let changes = overrides.flatMap { ["--set", $0] }
    let place = runDirectory.map { ["--run", $0] } ?? []
    return (["nn-dist", name, operand] + changes + place + options)
      .map(shellWord).joined(separator: " ")
  }

}

/// A word of a command, quoted for a shell.
func shellWord(_ text: String) -> String {
  let isPlain = text.allSatisfy { character in
    character.isASCII
      && (character.isLetter || character.isNumber || "-_./=:,@%+".contains(character))
  }
  return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
}
