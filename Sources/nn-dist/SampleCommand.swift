internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Files
internal import Reports
internal import Training

/// The command `nn-dist sample RUN|CHECKPOINT`, for generators of samples and for texts.
struct SampleCommand {
  let arguments: Arguments

  /// What a checkpoint holds.
  private enum Model {
    case samples(SampleMaker, seed: UInt64)
    case text(TextSampler, step: Int, seed: UInt64)
  }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    _ = try communicator.onFirstRank { () throws(Failure) in try sample() }
    return .done
  }

  private func sample() throws(Failure) {
    let console = Console.standardOutput
    for file in [arguments.samplesFile, arguments.activations].compactMap(\.self) {
      try checkReplaceable(file)
      guard arguments.replaces || fileStatus(file) == nil else {
        throw Failure(
          .cannotCreate,
          "'\(file)' already exists; write elsewhere, or replace it with --force")
      }
    }
    let (model, found) = try ResolvedCheckpoint.reading(arguments.operand, arguments.choice) {
      found throws(Failure) in
      let model = try Self.model(of: Checkpoint(opening: found.path), arguments)
      return (model, found)
    }
    switch model {
    case .samples(let maker, let seed): try write(maker, seed, found, console)
    case .text(let sampler, let step, let seed): try write(sampler, step, seed, found, console)
    }
    if let failure = console.failure { throw failure }
  }

  private static func model(
    of checkpoint: borrowing Checkpoint, _ arguments: Arguments
  ) throws(Failure) -> Model {
    let configuration = try RunConfiguration(
      saved: checkpoint.configuration, of: checkpoint.path)
    let seed = arguments.seed.map { UInt64($0) } ?? configuration.seed
    guard !configuration.isAdversarial else {
      if let option = arguments.textOption {
        throw Failure(
          .usage, "\(option) is for texts, and '\(arguments.operand)' makes samples: leave it out")
      }
      guard let path = arguments.samplesFile else {
        throw Failure(
          .usage, "sample needs --out FILE, such as grid.png, points.svg or samples.csv")
      }
      _ = try SampleFormat(ofFile: path)
      return .samples(try SampleMaker(checkpoint, samples: arguments.count ?? 64), seed: seed)
    }
    let sampler = try TextSampler(
      checkpoint, arguments.textSettings(seed: seed), texts: try arguments.textCount,
      watchesCells: arguments.activations != nil)
    guard arguments.samplesFile == nil else {
      throw Failure(
        .usage,
        "--out is for generators of samples, and '\(arguments.operand)' continues texts: redirect "
          + "the output instead")
    }
    return .text(sampler, step: checkpoint.step, seed: seed)
  }

  private func write(
    _ maker: SampleMaker, _ seed: UInt64, _ found: ResolvedCheckpoint, _ console: Console
  ) throws(Failure) {
    guard let path = arguments.samplesFile else { return }
    let samples = maker.samples(seed: seed)
    try samples.write(SampleFormat(ofFile: path), to: path)
    let note = found.note.map { " (\($0))" } ?? ""
    console.print(
      "\(samples.count.grouped) samples of '\(found.path)'\(note), seed \(seed): '\(path)'")
  }
}
