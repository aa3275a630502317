package import Diagnostics
internal import Graphs
internal import Kernels

/// A program as a flat list of kernel calls over one arena.
///
/// Nothing is allocated while it runs.
@safe package final class Plan: Executable, @unchecked Sendable {
  let steps: [Step]
  let slots: [SlotKind]
  let contractions: any Contractions
  let inputs: [(name: String, slot: Slot)]
  let outputs: [(name: String, slot: Slot)]
  let memoryPlan: MemoryPlan
  let parameters: ParameterVector
  let prepared: Arena
  private let refreshments: (own: PlanSession, others: PlanSession)
  package let description: PlanDescription?

  package var arenaByteCount: Int { memoryPlan.byteCount }
  package var sharedByteCount: Int { prepared.byteCount }

  init(
    _ program: Program, parameters: ParameterVector, contractions: any Contractions
  ) throws(Failure) {
    var lowering = Lowering(program, parameters: parameters, contractions: contractions)
    try lowering.emitAll()
    steps = lowering.steps
    slots = lowering.slots
    self.contractions = contractions
    inputs = lowering.inputs
    outputs = lowering.outputs
    self.parameters = parameters
    prepared = try Arena(byteCount: lowering.preparedByteCount)
    memoryPlan = MemoryPlan(
      slots.compactMap { if case .arena(let block) = $0 { block } else { nil } })
    description = PlanDescription(lowering, memoryPlan)
    let session = { [slots, prepared, memoryPlan] (steps: [Step]) throws(Failure) in
      try PlanSession(
        steps: steps, slots: slots, contractions: contractions, inputs: [], outputs: [],
        parameters: parameters, prepared: prepared, arena: nil, offsets: memoryPlan.offsets)
    }
    refreshments = (
      own: try session(lowering.refreshSteps.own), others: try session(lowering.refreshSteps.others)
    )
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

  package func makeSession(in arena: Arena) throws(Failure) -> any Session {
    precondition(arena.byteCount >= arenaByteCount, "the arena is too small for the plan")
    return try PlanSession(
      steps: steps, slots: slots, contractions: contractions, inputs: inputs, outputs: outputs,
      parameters: parameters, prepared: prepared, arena: arena, offsets: memoryPlan.offsets)
  }
}

/// A plan with every slot at its address, for one worker.
@safe final class PlanSession: Session, @unchecked Sendable {
  private let steps: [Step]
  private let inputs: [(name: String, slot: Slot)]
  private let outputs: [(name: String, slot: Slot)]
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let gradientSlots: [(slot: Slot, offset: Int)]
  private var gradient: UnsafeMutablePointer<Float>?
  private let contractions: (any ContractionSession)?
  private var timeline: Timeline?
  /// What the addresses point into stays alive with the session.
  private let arena: Arena?
  private let prepared: Arena

  init(
    steps: [Step], slots: [SlotKind], contractions: any Contractions,
    inputs: [(name: String, slot: Slot)], outputs: [(name: String, slot: Slot)],
    parameters: ParameterVector, prepared: Arena, arena: Arena?, offsets: [Int]
  ) throws(Failure) {
    self.steps = steps
    self.inputs = inputs
    self.outputs = outputs
    self.arena = arena
    self.prepared = prepared
    let pointers = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(
      capacity: max(1, slots.count))
    var block = 0
    var gradientSlots: [(slot: Slot, offset: Int)] = []
    for (index, kind) in slots.enumerated() {
      switch kind {
      case .arena:
        // Slots that a run does not use keep a valid address that nobody reads.
        unsafe pointers[index] = arena.map { unsafe $0.start + offsets[block] } ?? prepared.start
        block += 1
      case .parameter(let offset):
        unsafe pointers[index] = UnsafeMutableRawPointer(parameters.start + offset)
      case .prepared(let offset):
        unsafe pointers[index] = prepared.start + offset
      case .gradient(let offset):
        unsafe pointers[index] = prepared.start
        // A refreshment has no arena and makes no gradients.
        if arena != nil { gradientSlots.append((Slot(index: index), offset)) }
      }
    }
    self.gradientSlots = gradientSlots

    unsafe self.pointers = pointers
    self.contractions = try unsafe contractions.makeSession(
      pointers, moving: gradientSlots.map(\.slot))
  }

  deinit { unsafe pointers.deallocate() }

  func input(_ name: String) -> UnsafeMutableRawPointer? {
    unsafe inputs.first { $0.name == name }.map { unsafe pointers[$0.slot.index] }
  }

  func output(_ name: String) -> UnsafeRawPointer {
    guard let output = outputs.first(where: { $0.name == name }) else {
      preconditionFailure("the program has no output '\(name)'")
    }
    return unsafe UnsafeRawPointer(pointers[output.slot.index])
  }

  func observe(_ timeline: Timeline?) { self.timeline = timeline }

  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool) {
    unsafe precondition(gradient != nil || gradientSlots.isEmpty, "the gradients need a place")
    if let gradient = unsafe gradient, unsafe gradient != self.gradient { unsafe aim(at: gradient) }
    runSteps(random, adding: adding)
  }

  func runSteps(_ random: RandomPosition, adding: Bool) {
    let frame = unsafe Frame(
      pointers: pointers, contractions: contractions, random: random, adds: adding)
    guard let timeline else {
      for step in steps { step.run(frame) }
      return
    }
    timeline.begin()
    for step in steps {
      step.run(frame)
      timeline.lap(step.activity)
    }
  }

  func digests(
    _ random: RandomPosition, gradient: UnsafeMutablePointer<Float>
  ) -> [ResultDigest] {
    unsafe aim(at: gradient)
    let frame = unsafe Frame(
      pointers: pointers, contractions: contractions, random: random, adds: false)
    return steps.compactMap { step in
      step.run(frame)
      return step.result.map { result in
        unsafe ResultDigest(
          step: step.activity.name,
          digest: Digest(
            UnsafeRawBufferPointer(start: frame.raw(result.slot), count: result.byteCount)))
      }
    }
  }

  private func aim(at gradient: UnsafeMutablePointer<Float>) {
    unsafe self.gradient = gradient
    for (slot, offset) in gradientSlots {
      unsafe pointers[slot.index] = UnsafeMutableRawPointer(gradient + offset)
    }
    unsafe contractions?.follow(pointers)
  }
}
