internal import Diagnostics
internal import Kernels

/// A plan with every slot at its address, for one worker and some shards that are computed together.
@safe final class PlanSession: Session, @unchecked Sendable {
  let shards: [any Ports]
  private let steps: [Step]
  /// Whether a step is called once for all shards.
  private let isCommon: [Bool]
  private let samples: Int
  private let slotCount: Int
  /// A table for each shard, one behind the other.
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let gradientSlots: [(slot: Slot, offset: Int)]
  private var gradient: UnsafeMutablePointer<Float>?
  private let contractions: [(any ContractionSession)?]
  private var timeline: Timeline?
  /// What the addresses point into stays alive with the session.
  private let arena: Arena
  private let packed: PackedWeights

  init(
    _ parts: Plan.Parts, _ steps: [Step], in arena: Arena, shards count: Int, of samples: Int
  ) throws(Failure) {
    self.steps = steps
    self.samples = samples
    self.arena = arena
    packed = parts.parameters.packed
    let slots = parts.slots
    let slotCount = slots.count
    self.slotCount = slotCount
    let memory = MemoryPlan(slots, shards: count)
    precondition(arena.byteCount >= memory.byteCount, "the arena is too small for the plan")
    let pointers = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(
      capacity: max(1, count * slotCount))
    var gradientSlots: [(slot: Slot, offset: Int)] = []
    for shard in 0..<count {
      var block = 0
      for (index, kind) in slots.enumerated() {
        let address: UnsafeMutableRawPointer
        switch kind {
        case .arena(let request):
          unsafe address = arena.start + memory.offsets[block] + shard * MemoryPlan.stride(request)
          block += 1
        case .parameter(let offset):
          unsafe address = UnsafeMutableRawPointer(parts.parameters.start + offset)
        case .packed(let number):
          unsafe address = parts.packed[number].start
        case .gradient(let offset):
          // A valid address that nobody reads, until the first run gives another.
          unsafe address = arena.start
          if shard == 0 { gradientSlots.append((Slot(index: index), offset)) }
        }
        unsafe pointers[shard * slotCount + index] = address
      }
    }
    self.gradientSlots = gradientSlots
    unsafe self.pointers = pointers
    isCommon = steps.map { step in
      switch step.reach {
      case .shard: false
      case .all: true
      case .rows(let rows):
        rows.allSatisfy { slot in
          if case .arena(let block) = slots[slot.index] { block.isWithoutGap } else { false }
        }
      }
    }
    var sessions: [(any ContractionSession)?] = []
    var ports: [any Ports] = []
    for shard in 0..<count {
      let table = unsafe pointers + shard * slotCount
      sessions.append(
        try unsafe parts.contractions.makeSession(table, moving: gradientSlots.map(\.slot)))
      unsafe ports.append(PlanPorts(table, parts))
    }
    self.contractions = sessions
    self.shards = ports
  }

  deinit { unsafe pointers.deallocate() }

  func observe(_ timeline: Timeline?) { self.timeline = timeline }

  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool) {
    unsafe precondition(gradient != nil || gradientSlots.isEmpty, "the gradients need a place")
    if let gradient = unsafe gradient, unsafe gradient != self.gradient { unsafe aim(at: gradient) }
    runSteps(random, adding: adding)
  }

  private func runSteps(_ random: RandomPosition, adding: Bool) {
    timeline?.begin()
    for (number, step) in steps.enumerated() {
      run(step, isCommon[number], random, adding)
      timeline?.lap(step.activity, shards: shards.count)
    }
  }

  /// Calls a step as often as it takes for all shards.
  private func run(_ step: Step, _ isCommon: Bool, _ random: RandomPosition, _ adding: Bool) {
    guard !isCommon else { return step.run(frame(0, of: shards.count, random, adding)) }
    for shard in shards.indices { step.run(frame(shard, of: 1, random, adding)) }
  }

  private func frame(
    _ shard: Int, of count: Int, _ random: RandomPosition, _ adding: Bool
  ) -> Frame {
    unsafe Frame(
      pointers: pointers + shard * slotCount, slotCount: slotCount,
      contractions: contractions[shard], random: random.moved(by: shard * samples), adds: adding,
      shards: count)
  }

  func digests(
    _ random: RandomPosition, gradient: UnsafeMutablePointer<Float>
  ) -> [ResultDigest] {
    unsafe aim(at: gradient)
    return steps.enumerated().compactMap { number, step in
      run(step, isCommon[number], random, false)
      return step.result.map { result in
        unsafe ResultDigest(
          step: step.activity.name,
          digest: Digest(
            UnsafeRawBufferPointer(
              start: pointers[result.slot.index], count: result.byteCount)))
      }
    }
  }

  /// Gradients of all shards are written to one place, by steps that see the first table.
  private func aim(at gradient: UnsafeMutablePointer<Float>) {
    unsafe self.gradient = gradient
    for (slot, offset) in gradientSlots {
      unsafe pointers[slot.index] = UnsafeMutableRawPointer(gradient + offset)
    }
    unsafe contractions[0]?.follow(pointers)
  }
}

/// Where inputs and outputs of one shard stand.
@safe private final class PlanPorts: Ports {
  private let inputs: [(name: String, address: UnsafeMutableRawPointer)]
  private let outputs: [(name: String, address: UnsafeRawPointer)]

  init(_ table: UnsafePointer<UnsafeMutableRawPointer>, _ parts: Plan.Parts) {
    unsafe inputs = parts.inputs.map { unsafe ($0.name, table[$0.slot.index]) }
    unsafe outputs = parts.outputs.map { unsafe ($0.name, UnsafeRawPointer(table[$0.slot.index])) }
  }

  func input(_ name: String) -> UnsafeMutableRawPointer? {
    unsafe inputs.first { unsafe $0.name == name }?.address
  }

  func output(_ name: String) -> UnsafeRawPointer {
    guard let output = unsafe outputs.first(where: { unsafe $0.name == name }) else {
      preconditionFailure("the program has no output '\(name)'")
    }
    return unsafe output.address
  }
}
