internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Files
internal import Reports
internal import Training

/// The command `nn-dist sample RUN|CHECKPOINT --out FILE`.
struct SampleCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let line = try communicator.onFirstRank { () throws(Failure) in try sample() }
    if let line { console.print(line) }
    return .done
  }

  private func sample() throws(Failure) -> String {
    guard let path = arguments.samplesFile else {
      throw Failure(.usage, "sample needs --out FILE, such as grid.png, points.svg or samples.csv")
    }
    let format = try SampleFormat(ofFile: path)
    guard arguments.replaces || fileStatus(path) == nil else {
      throw Failure(
        .cannotCreate,
        "'\(path)' already exists; write elsewhere, or replace it with --force")
    }
    try checkReplaceable(path)
    let (maker, seed, found) = try ResolvedCheckpoint.reading(arguments.operand, arguments.choice) {
      found throws(Failure) in
      let checkpoint = try Checkpoint(opening: found.path)
      let seed =
        if let seed = arguments.seed { UInt64(seed) } else { try SampleMaker.seed(of: checkpoint) }
      return (try SampleMaker(checkpoint, samples: arguments.count ?? 64), seed, found)
    }
    let samples = maker.samples(seed: seed)
    try samples.write(format, to: path)
    let note = found.note.map { " (\($0))" } ?? ""
    return "\(samples.count.grouped) samples of '\(found.path)'\(note), seed \(seed): '\(path)'"
  }
}
