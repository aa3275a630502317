internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Files
internal import Planning
internal import Reports

/// The command `nn-dist plan`.
struct PlanCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    try communicator.together { () throws(Failure) in try checkOptions() }
    guard arguments.budget == nil else {
      throw Failure(.usage, "not yet")
    }
    let result = try communicator.onFirstRank {
      () throws(Failure) -> (fit: RunFit?, plan: ComputePlan?) in
      let fit = arguments.fitsRuns ? try fitRuns() : nil
      let constants = if let fit { fit.constants } else { try constants() }
      return (fit, arguments.flops.map { ComputePlan(compute: $0, constants: constants) })
    }
    guard let (fit, plan) = result else { return .done }
    if arguments.printsJSON {
      let members = (fit.map { [("fit", $0.json)] } ?? []) + (plan?.members ?? [])
      console.print(JSONValue.object(members).description)
      return .done
    }
    for line in fit?.lines ?? [] { console.print(line) }
    if fit != nil, plan != nil { console.print("") }
    for line in plan?.lines ?? [] { console.print(line) }
    for note in plan?.notes ?? [] { console.print("note: \(note)") }
    return .done
  }

  /// Throws if options contradict each other, or none says what to plan for.
  private func checkOptions() throws(Failure) {
    guard !arguments.fitsRuns else {
      try exclude(
        [("--budget", arguments.budget != nil), ("--constants", arguments.constants != nil)],
        with: "--fit")
      guard !arguments.operands.isEmpty else {
        throw Failure(.usage, "--fit needs finished runs: nn-dist plan --fit RUN RUN ...")
      }
      return
    }
  }

  private func exclude(
    _ options: [(name: String, isGiven: Bool)], with other: String
  ) throws(Failure) {
    guard let option = options.first(where: \.isGiven)?.name else { return }
    throw Failure(.usage, "options '\(other)' and '\(option)' exclude each other: choose one")
  }

  private func constants() throws(Failure) -> ScalingConstants {
    guard let name = arguments.constants else { return ScalingConstants.published[0] }
    return try ScalingConstants(named: name)
  }

  /// Fits the constants to the runs, and writes what the options ask for.
  private func fitRuns() throws(Failure) -> RunFit {
    if let output = arguments.output { try ExportFormat.check(output, replacing: arguments.replaces) }
    let fit = try RunFit(of: arguments.operands)
    if let output = arguments.output { try writeAtomically(fit.constants.fileText, to: output) }
    if let file = arguments.svg { try writeAtomically(fit.svg, to: file) }
    return fit
  }
}
