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
    if let (description, _) = result {
      if arguments.answersInJSON {
        console.print(description.json.description)
      } else {
        for line in description.lines { console.print(line) }
      }
    }
    try communicator.together { () throws(Failure) in
      if let failure = result?.failure { throw failure }
    }
    return .done
  }

  /// What the file holds; of a model that cannot be run, its layers and why.
  private func describe() throws(Failure) -> (description: Description, failure: Failure?) {
    let path = arguments.operand
    let choices = StoredModel.Choices(
      layout: try arguments.weightLayout, release: try arguments.modelRelease)
    do throws(Failure) {
      return (try inspect(path, choices, of: arguments.choice), nil)
    } catch {
      guard error.code == .badData, let outline = try? ModelOutline(reading: path) else {
        throw error
      }
      var description = Description()
      description.describe(outline, of: path)
      return (description, error)
    }
  }
}
