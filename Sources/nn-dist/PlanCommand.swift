internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Files
internal import Planning
internal import Reports

/// The command `nn-dist plan`, for a compute or from finished runs.
struct PlanCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    try communicator.together { () throws(Failure) in try checkOptions() }
    guard arguments.budget == nil else {
      try TrainingPlanCommand(arguments: arguments).run(communicator, console)
      return .done
    }
    let result = try communicator.onFirstRank {
      () throws(Failure) -> (fit: RunFit?, plan: ComputePlan?) in
      let fit = arguments.fitsRuns ? try fitRuns() : nil
      let constants = if let fit { fit.constants } else { try arguments.scalingConstants }
      let plan = try arguments.flops.map { flops throws(Failure) in
        try ComputePlan(flops: flops, constants: constants)
      }
      return (fit, plan)
    }
    guard let (fit, plan) = result else { return .done }
    if arguments.printsJSON {
      var members: [(String, JSONValue)] = fit.map { [("fit", $0.json)] } ?? []
      if let plan {
        members += plan.members + [("notes", .array(plan.notes.map { .string($0) }))]
      }
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
    let (isFit, hasBudget) = (arguments.fitsRuns, arguments.budget != nil)
    let goals = [("--fit", isFit), ("--budget", hasBudget), ("--flops", arguments.flops != nil)]
      .filter(\.1).map(\.0)
    guard let goal = goals.first else {
      throw Failure(
        .usage,
        "plan needs a goal: --flops C, a CONFIG with --budget TIME, or --fit with finished runs")
    }
    guard goals.count == 1 || goals == ["--fit", "--flops"] else {
      throw Failure(
        .usage, "options '\(goals[0])' and '\(goals[1])' exclude each other: choose one")
    }
    let options: [(name: String, isGiven: Bool, isMeant: Bool)] = [
      ("--constants", arguments.constants != nil, !isFit),
      ("--ranks", arguments.rankCount != nil, hasBudget),
      ("--set", !arguments.overrides.isEmpty, hasBudget),
      ("--latency", arguments.latency != nil, hasBudget),
      ("--bandwidth", arguments.bandwidth != nil, hasBudget),
      ("--output", arguments.output != nil, hasBudget || isFit),
      ("--force", arguments.replaces, arguments.output != nil),
      ("--svg", arguments.svg != nil, isFit),
    ]
    if let option = options.first(where: { $0.isGiven && !$0.isMeant }) {
      throw Failure(.usage, "option '\(option.name)' means nothing with \(goal): leave it out")
    }
    let count = arguments.operands.count
    switch goal {
    case "--fit" where count == 0:
      throw Failure(.usage, "--fit needs finished runs: nn-dist plan --fit RUN RUN ...")
    case "--budget" where count != 1:
      throw Failure(
        .usage, "--budget needs one CONFIG, found \(count): nn-dist plan CONFIG --budget TIME")
    case "--flops" where count > 0:
      throw Failure(
        .usage,
        "unexpected argument '\(arguments.operand)': --flops alone needs no file; use --budget "
          + "TIME to plan for a CONFIG, or --fit for runs")
    default: break
    }
  }

  /// Fits the constants to the runs, and writes what the options ask for.
  private func fitRuns() throws(Failure) -> RunFit {
    if let output = arguments.output {
      try ExportFormat.check(output, replacing: arguments.replaces)
    }
    let fit = try RunFit(of: arguments.operands)
    if let output = arguments.output { try writeAtomically(fit.constants.fileText, to: output) }
    if let file = arguments.svg { try writeAtomically(fit.svg, to: file) }
    return fit
  }
}

extension Arguments {
  /// The constants of `--constants`, or the default ones.
  var scalingConstants: ScalingConstants {
    get throws(Failure) {
      guard let constants else { return ScalingConstants.published[0] }
      return try ScalingConstants(named: constants)
    }
  }
}
