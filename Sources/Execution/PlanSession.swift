internal import Diagnostics
internal import Kernels

/// A plan with every slot at its address, for one worker and some shards that run together.
@safe final class PlanSession: Session, @unchecked Sendable {
  let shards: [any Bindings]
  private let calls: [KernelCall]
  private let samples: Int
  /// A table of addresses for each shard, one behind the other.
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let gradientSlots: [(slot: Slot, offset: Int)]
  private var gradient: UnsafeMutablePointer<Float>?
  /// The argument of calls for each shard, and of those for all.
  private var frames: [Frame]
  private var common: Frame
  private var timeline: Timeline?
  /// Keeps alive what the addresses point into.
  private let arena: Arena
  private let parts: Plan.Parts

  init(
    _ parts: Plan.Parts, _ calls: [KernelCall], in arena: Arena, shards count: Int, of samples: Int
  ) throws(Failure) {
    self.samples = samples
    self.arena = arena
    self.parts = parts
    let slots = parts.slots
    let slotCount = slots.count
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
          let distance = request.isShared ? 0 : shard * MemoryPlan.stride(request)
          unsafe address = arena.start + memory.offsets[block] + distance
          block += 1
        case .parameter(let offset):
          unsafe address = UnsafeMutableRawPointer(parts.parameters.start + offset)
        case .packed(let number):
          unsafe address = parts.packed[number].start
        case .constant(let block):
          unsafe address = block.start
        case .moving:
          unsafe address = arena.start
        case .gradient(let offset):
          // A valid address that no call reads: each run sets another.
          unsafe address = arena.start
          if shard == 0 { gradientSlots.append((Slot(index: index), offset)) }
        }
        unsafe pointers[shard * slotCount + index] = address
      }
    }
    self.gradientSlots = gradientSlots
    unsafe self.pointers = pointers
    self.calls = calls
    let moving = gradientSlots.map(\.slot) + calls.flatMap { $0.loop?.moving ?? [] }
    var frames: [Frame] = []
    var bindings: [any Bindings] = []
    for shard in 0..<count {
      let table = unsafe pointers + shard * slotCount
      let contractions = try unsafe parts.contractions.makeSession(
        table, moving: moving)
      unsafe frames.append(
        Frame(
          pointers: table, slotCount: slotCount, contractions: contractions,
          random: RandomPosition(seed: 0, step: 0, firstSample: 0), adds: false))
      unsafe bindings.append(PlanBindings(table, parts))
    }
    self.frames = frames
    common = frames[0]
    common.shards = count
    self.shards = bindings
  }

  deinit { unsafe pointers.deallocate() }

  func record(to timeline: Timeline?) { self.timeline = timeline }

  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool) {
    unsafe precondition(gradient != nil || gradientSlots.isEmpty, "the gradients need a place")
    if let gradient = unsafe gradient { unsafe move(to: gradient) }
    place(random, adding: adding)
    guard let timeline else {
      // By index, since a copy of a call counts references.
      for index in calls.indices {
        if let loop = calls[index].loop {
          run(loop, after: nil)
        } else {
          run(calls[index].kernel, calls[index].reach)
        }
      }
      return
    }
    timeline.begin()
    for call in calls {
      if call.loop != nil {
        time(call, to: timeline)
      } else {
        make(call)
        timeline.lap(call.activity, shards: shards.count)
      }
    }
  }

  func digests(
    _ random: RandomPosition, gradient: UnsafeMutablePointer<Float>
  ) -> [ResultDigest] {
    unsafe move(to: gradient)
    place(random, adding: false)
    var digests: [ResultDigest] = []
    for call in calls {
      // The results of a loop's calls are digested step after step.
      var inner = call.loop?.resultCalls ?? []
      make(call) { made in
        for place in inner.indices where inner[place].call.activity === made.activity {
          for (index, result) in made.results.enumerated() {
            unsafe inner[place].digests[index].add(self.bytes(of: result))
          }
        }
      }
      for (call, found) in inner {
        digests += found.map { ResultDigest(step: call.activity.name, digest: $0) }
      }
      for result in call.results {
        let digest = unsafe Digest(bytes(of: result))
        digests.append(ResultDigest(step: call.activity.name, digest: digest))
      }
    }
    return digests
  }

  /// Runs a loop and records the time of each of its calls, that of all steps together.
  private func time(_ call: KernelCall, to timeline: Timeline) {
    let activities = call.activities.dropFirst()
    var places: [ObjectIdentifier: Int] = [:]
    for (place, activity) in activities.enumerated() { places[ObjectIdentifier(activity)] = place }
    var times = [UInt64](repeating: 0, count: activities.count)
    var mark = Timeline.now
    make(call) { made in
      let now = Timeline.now
      if let place = places[ObjectIdentifier(made.activity)] { times[place] += now - mark }
      mark = now
    }
    timeline.lap(
      zip(activities, times).map { (activity: $0, time: $1) }, other: call.activity,
      shards: shards.count)
  }

  private func bytes(of result: KernelCall.Result) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: pointers[result.slot.index], count: result.byteCount)
  }

  private func place(_ random: RandomPosition, adding: Bool) {
    for shard in frames.indices {
      frames[shard].random = random.moved(by: shard * samples)
      frames[shard].adds = adding
    }
    (common.random, common.adds) = (random, adding)
  }

  private func make(_ call: KernelCall, after: ((KernelCall) -> Void)? = nil) {
    if let loop = call.loop { run(loop, after: after) } else { run(call.kernel, call.reach) }
  }

  @inline(__always)
  private func run(_ kernel: (Frame) -> Void, _ reach: KernelCall.Reach) {
    switch reach {
    case .eachShard: for shard in frames.indices { kernel(frames[shard]) }
    case .allShards: kernel(common)
    case .once: kernel(frames[0])
    }
  }

  /// Runs the steps of a loop.
  private func run(_ loop: Loop, after: ((KernelCall) -> Void)?) {
    for shard in frames.indices { unsafe loop.begin(pointers + shard * frames[0].slotCount) }
    for call in loop.preparations { make(call) }
    for place in loop.order.indices {
      for shard in frames.indices {
        let table = unsafe pointers + shard * frames[0].slotCount
        unsafe loop.move(table, to: place)
        unsafe frames[shard].contractions?.follow(table)
      }
      for call in loop.calls {
        make(call, after: after)
        after?(call)
      }
      for shard in frames.indices {
        unsafe loop.finishStep(pointers + shard * frames[0].slotCount)
      }
    }
  }

  /// Sets where gradients go: those of all shards, by calls whose frame is that of the first.
  private func move(to gradient: UnsafeMutablePointer<Float>) {
    if unsafe gradient == self.gradient { return }
    unsafe self.gradient = gradient
    for (slot, offset) in gradientSlots {
      unsafe pointers[slot.index] = UnsafeMutableRawPointer(gradient + offset)
    }
    unsafe frames[0].contractions?.follow(pointers)
  }
}

/// The addresses of the inputs and outputs of one shard.
@safe private final class PlanBindings: Bindings {
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
