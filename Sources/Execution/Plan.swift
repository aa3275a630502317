package import Diagnostics
internal import Graphs
internal import Kernels

/// A program as a flat list of kernel calls over one arena.
///
/// Nothing is allocated while it runs.
@safe package final class Plan: Executable, @unchecked Sendable {
  private let steps: [Step]
  private let parts: Parts
  private let refreshments: (own: PlanSession, others: PlanSession)
  package let description: PlanDescription?

  /// What all sessions have in common.
  struct Parts {
    let slots: [SlotKind]
    let contractions: any Contractions
    let inputs: [(name: String, slot: Slot)]
    let outputs: [(name: String, slot: Slot)]
    let parameters: ParameterVector
    let prepared: Arena
  }

  package var sharedByteCount: Int { parts.prepared.byteCount }
  package var mostShards: Int { TiledSum.mostShards }

  init(
    _ program: Program, parameters: ParameterVector, contractions: any Contractions
  ) throws(Failure) {
    var lowering = Lowering(program, parameters: parameters, contractions: contractions)
    try lowering.emitAll()
    steps = lowering.steps
    parts = Parts(
      slots: lowering.slots, contractions: contractions, inputs: lowering.inputs,
      outputs: lowering.outputs, parameters: parameters,
      prepared: try Arena(byteCount: lowering.preparedByteCount))
    description = PlanDescription(lowering, MemoryPlan(parts.slots))
    refreshments = (
      own: try PlanSession(parts, lowering.refreshSteps.own),
      others: try PlanSession(parts, lowering.refreshSteps.others)
    )
  }

  package func arenaByteCount(shards: Int) -> Int {
    MemoryPlan(parts.slots, shards: shards).byteCount
  }

  package var listing: String {
    let activities = description.map { $0.refreshments + $0.instructions } ?? []
    return activities.map(\.name).joined(separator: "\n")
  }

  package func observe(_ timeline: Timeline?) {
    refreshments.own.observe(timeline)
    refreshments.others.observe(timeline)
  }

  package func refresh(others: Bool) {
    let position = RandomPosition(seed: 0, step: 0, firstSample: 0)
    refreshments.own.runSteps(position, adding: false)
    if others { refreshments.others.runSteps(position, adding: false) }
  }

  package func makeSession(
    in arena: Arena, shards: Int, of samples: Int
  ) throws(Failure) -> any Session {
    precondition(shards <= mostShards, "\(shards) shards are too many for a session")
    return try PlanSession(parts, steps, in: arena, shards: shards, of: samples)
  }
}
