internal import COneDNN
package import Diagnostics
package import Graphs
internal import Kernels

/// A program as a flat list of kernel calls over one arena.
///
/// Nothing is allocated while it runs.
@safe package final class Plan: Executable, @unchecked Sendable {
  let steps: [Step]
  let slots: [SlotKind]
  let memories: [(arrangement: MemoryArrangement, slot: Slot)]
  let inputs: [(name: String, slot: Slot)]
  let outputs: [(name: String, slot: Slot)]
  let memoryPlan: MemoryPlan
  let parameters: ParameterVector
  let prepared: Arena
  private let refreshment: PlanSession?
  package let listing: String

  package var arenaByteCount: Int { memoryPlan.byteCount }
  package var sharedByteCount: Int { prepared.byteCount }

  package init(_ program: Program, parameters: ParameterVector) throws(Failure) {
    var lowering = Lowering(program, parameters: parameters)
    try lowering.emitAll()
    steps = lowering.steps
    slots = lowering.slots
    memories = lowering.memories
    inputs = lowering.inputs
    outputs = lowering.outputs
    self.parameters = parameters
    prepared = try Arena(byteCount: lowering.preparedByteCount)
    memoryPlan = MemoryPlan(
      slots.compactMap { if case .arena(let block) = $0 { block } else { nil } })
    listing = (lowering.refreshSteps + steps).map(\.name).joined(separator: "\n")
    refreshment =
      lowering.refreshSteps.isEmpty
      ? nil
      : try PlanSession(
        steps: lowering.refreshSteps, slots: slots, memories: lowering.refreshMemories,
        inputs: [], outputs: [], parameters: parameters, prepared: prepared, arena: nil,
        offsets: memoryPlan.offsets)
  }

  package func refresh() {
    refreshment?.runSteps(RandomPosition(seed: 0, step: 0, firstSample: 0))
  }

  package func makeSession(in arena: Arena) throws(Failure) -> any Session {
    precondition(arena.byteCount >= arenaByteCount, "the arena is too small for the plan")
    return try PlanSession(
      steps: steps, slots: slots, memories: memories, inputs: inputs, outputs: outputs,
      parameters: parameters, prepared: prepared, arena: arena, offsets: memoryPlan.offsets)
  }
}

/// A plan with every slot at its address, for one worker.
@safe final class PlanSession: Session, @unchecked Sendable {
  private let steps: [Step]
  private let inputs: [(name: String, slot: Slot)]
  private let outputs: [(name: String, slot: Slot)]
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let memories: UnsafeMutablePointer<dnnl_memory_t>
  private let memoryCount: Int
  private let gradientSlots: [(slot: Int, offset: Int)]
  private let gradientMemories: [(memory: Int, slot: Int)]
  private var gradient: UnsafeMutablePointer<Float>?
  private let stream: OneDNNStream
  /// What the addresses point into stays alive with the session.
  private let arena: Arena?
  private let prepared: Arena

  init(
    steps: [Step], slots: [SlotKind], memories requests: [(MemoryArrangement, Slot)],
    inputs: [(name: String, slot: Slot)], outputs: [(name: String, slot: Slot)],
    parameters: ParameterVector, prepared: Arena, arena: Arena?, offsets: [Int]
  ) throws(Failure) {
    self.steps = steps
    self.inputs = inputs
    self.outputs = outputs
    self.arena = arena
    self.prepared = prepared
    stream = try OneDNNStream()
    let engine = try unsafe OneDNNEngine.shared.handle

    unsafe pointers = .allocate(capacity: max(1, slots.count))
    var block = 0
    var gradientSlots: [(slot: Int, offset: Int)] = []
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
        if arena != nil { gradientSlots.append((index, offset)) }
      }
    }
    self.gradientSlots = gradientSlots

    let inGradient = Set(gradientSlots.map(\.slot))
    gradientMemories = requests.enumerated().compactMap { index, request in
      inGradient.contains(request.1.index) ? (index, request.1.index) : nil
    }
    let memories = UnsafeMutablePointer<dnnl_memory_t>.allocate(capacity: max(1, requests.count))
    for (index, (arrangement, slot)) in requests.enumerated() {
      var descriptor = arrangement.descriptor
      var memory: dnnl_memory_t?
      try unsafe OneDNN.check(
        dnnl_memory_create(&memory, &descriptor, engine, pointers[slot.index]),
        "dnnl_memory_create")
      guard let memory = unsafe memory else {
        throw Failure(.outOfMemory, "oneDNN has no memory object")
      }
      unsafe memories[index] = memory
    }
    unsafe self.memories = memories
    memoryCount = requests.count
  }

  deinit {
    for index in 0..<memoryCount { unsafe dnnl_memory_destroy(memories[index]) }
    unsafe memories.deallocate()
    unsafe pointers.deallocate()
  }

  func input(_ name: String) -> UnsafeMutableRawPointer? {
    unsafe inputs.first { $0.name == name }.map { unsafe pointers[$0.slot.index] }
  }

  func output(_ name: String) -> UnsafeRawPointer {
    guard let output = outputs.first(where: { $0.name == name }) else {
      preconditionFailure("the program has no output '\(name)'")
    }
    return unsafe UnsafeRawPointer(pointers[output.slot.index])
  }

  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?) {
    unsafe precondition(gradient != nil || gradientSlots.isEmpty, "the gradients need a place")
    if let gradient = unsafe gradient, unsafe gradient != self.gradient { unsafe aim(at: gradient) }
    runSteps(random)
  }

  func runSteps(_ random: RandomPosition) {
    let frame = unsafe Frame(
      pointers: pointers, memories: memories, stream: stream.handle, random: random)
    for step in steps { step.run(frame) }
  }

  private func aim(at gradient: UnsafeMutablePointer<Float>) {
    unsafe self.gradient = gradient
    for (slot, offset) in gradientSlots {
      unsafe pointers[slot] = UnsafeMutableRawPointer(gradient + offset)
    }
    for (memory, slot) in gradientMemories {
      let status = unsafe dnnl_memory_set_data_handle(memories[memory], pointers[slot])
      precondition(status == dnnl_success, "a memory object refused its address")
    }
  }
}
