package import Diagnostics
internal import Graphs
internal import Kernels

/// A program as a flat list of kernel calls over one arena.
///
/// A run allocates nothing.
@safe package final class Plan: Executable, @unchecked Sendable {
  private let calls: [KernelCall]
  private let parts: Parts
  package let description: PlanDescription?

  /// Read by all sessions.
  struct Parts {
    let slots: [SlotKind]
    let contractions: any Contractions
    let inputs: [(name: String, slot: Slot)]
    let outputs: [(name: String, slot: Slot)]
    let parameters: ParameterVector
    let packed: [PackedWeight]
  }

  package var maximumShards: Int { TiledSum.maximumShards }
  package let loopWeightBytes: Int

  init(
    _ program: Program, parameters: ParameterVector, contractions: any Contractions
  ) throws(Failure) {
    var lowering = Lowering(program, parameters: parameters, contractions: contractions)
    try lowering.emitAll()
    calls = lowering.calls
    loopWeightBytes = lowering.loopWeightBytes
    parts = Parts(
      slots: lowering.slots, contractions: contractions, inputs: lowering.inputs,
      outputs: lowering.outputs, parameters: parameters,
      packed: lowering.packings.map(\.weight))
    description = PlanDescription(lowering, MemoryPlan(parts.slots))
  }

  package func arenaByteCount(shards: Int) -> Int {
    MemoryPlan(parts.slots, shards: shards).byteCount
  }

  package var listing: String {
    let activities = description.map { $0.packings + $0.instructions } ?? []
    return activities.map(\.name).joined(separator: "\n")
  }

  package func packWeights(on pool: WorkerPool?, timelines: [Timeline]) {
    parts.parameters.packed.pack(parts.packed, on: pool, timelines: timelines)
  }

  package func makeSession(
    in arena: Arena, shards: Int, of samples: Int
  ) throws(Failure) -> any Session {
    precondition(shards <= maximumShards, "\(shards) shards are too many for a session")
    // The packed weights of all plans that were prepared before the first session are one block.
    try parts.parameters.packed.place()
    return try PlanSession(parts, calls, in: arena, shards: shards, of: samples)
  }
}
