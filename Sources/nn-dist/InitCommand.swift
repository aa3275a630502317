internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Drafts
internal import Files
internal import Reports

/// The command `nn-dist init FILE`.
struct InitCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let written = try communicator.onFirstRank { () throws(Failure) in try write() }
    guard let (draft, file) = written else { return .done }
    guard !arguments.printsJSON else {
      console.print(
        JSONValue.object([
          ("configuration", .string(file)), ("name", .string(draft.name)),
          ("findings", .array(draft.findings.map { .string($0) })),
        ]).description)
      return .done
    }
    for line in draft.findings { console.print(line) }
    console.print("wrote '\(file)'; nn-dist train \(file)")
    return .done
  }

  private func write() throws(Failure) -> (draft: Draft, file: String) {
    let folder = arguments.output.map { directoryName($0) } ?? "."
    let draft = try Draft(of: arguments.operand, targets: arguments.targets, in: folder)
    let file = arguments.output ?? "\(draft.name).yaml"
    guard isDirectory(folder) else {
      throw Failure(.cannotCreate, "cannot create '\(file)': there is no folder '\(folder)'")
    }
    guard fileStatus(file) == nil || arguments.replaces else {
      throw Failure(
        .cannotCreate,
        "'\(file)' exists already; write elsewhere with --output FILE or replace it with --force")
    }
    try writeAtomically(draft.text, to: file)
    return (draft, file)
  }
}
