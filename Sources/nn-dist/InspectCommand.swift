internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Inspections
internal import ModelFiles
internal import Reports

/// The command `nn-dist inspect FILE`.
struct InspectCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let result = try communicator.onFirstRank { () throws(Failure) in try describe() }
    if let result { console.print(result.report, asJSON: arguments.printsJSON) }
    try communicator.together { () throws(Failure) in
      if let failure = result?.failure { throw failure }
    }
    return .done
  }

  /// Describes the file; for a model that cannot be run, returns its layers and the failure.
  private func describe() throws(Failure) -> (report: Report, failure: Failure?) {
    let path = arguments.operand
    let choices = StoredModel.Choices(
      layout: try arguments.weightLayout, release: try arguments.modelRelease)
    do throws(Failure) {
      return (try inspect(path, choices, of: arguments.choice), nil)
    } catch {
      guard error.code == .badData, let outline = try? ModelOutline(reading: path) else {
        throw error
      }
      var report = Report()
      report.describe(outline, of: path)
      return (report, error)
    }
  }
}
