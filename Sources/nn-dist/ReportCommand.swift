internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Files
internal import Pages
internal import Reports
internal import RunFiles
internal import Training

/// The command `nn-dist report RUN...`.
struct ReportCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    try communicator.together { () throws(Failure) in try checkOutput() }
    let lines = try communicator.onFirstRank { () throws(Failure) in try write() }
    for line in lines ?? [] { console.print(line) }
    return .done
  }

  /// The page of one run has its place in the run; that of several is written here.
  private var output: String {
    if let output = arguments.output { return output }
    let runs = arguments.operands
    return runs.count == 1 ? "\(trimmed(runs[0]))/report.html" : "report.html"
  }

  private func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Throws if the page would replace a file that may be something else.
  private func checkOutput() throws(Failure) {
    try checkReplaceable(output)
    guard arguments.output != nil || arguments.operands.count > 1, !arguments.replaces,
      fileStatus(output) != nil
    else { return }
    throw Failure(
      .cannotCreate,
      "'\(output)' already exists; write elsewhere with --output FILE, or replace it with --force")
  }

  /// Writes the page, and returns what to print.
  private func write() throws(Failure) -> [String] {
    var records: [RunRecord] = []
    for path in arguments.operands { records.append(try RunRecord(reading: path)) }
    let html: String
    if records.count == 1 {
      // A run that trains has recorded what it can, and its checkpoints change.
      let isRunning = RunDirectory.isRunning(records[0].path)
      if !isRunning { complete(&records[0], try Communicator.alone()) }
      html = RunPage(records[0], isRunning: isRunning).html
    } else {
      html = ComparisonPage(records).html
    }
    try writeAtomically(html, to: output)
    return records.flatMap { record in record.notes.map { "\(record.path): \($0)" } }
      + ["wrote '\(output)', \(html.utf8.count.asBytes)"]
  }
}
