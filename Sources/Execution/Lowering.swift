internal import Diagnostics
internal import Graphs
internal import Kernels

/// Turns a program into the kernel calls and slots of a plan.
///
/// A slot is alive from the time of the instruction that writes it to that of the last one that
/// reads it. Instructions follow each other in time, those of a loop's body within the time of the
/// loop.
struct Lowering {
  let program: Program
  let parameters: ParameterVector
  let analysis: Analysis
  let contractions: any Contractions

  private(set) var calls: [KernelCall] = []
  /// The bytes of weights that the products in loops read, those of every step.
  private(set) var loopWeightBytes = 0
  /// The packed weights that the calls read, and the activity of packing each.
  private(set) var packings: [(weight: PackedWeight, activity: Activity)] = []
  private(set) var slots: [SlotKind] = []
  private let times: Times
  private(set) var inputs: [(name: String, slot: Slot)] = []
  private(set) var outputs: [(name: String, slot: Slot)] = []

  private var slotOf: ValueTable<Slot?>
  private var packedSlots: [ObjectIdentifier: Slot] = [:]
  private var constantSlots: [Constant: Slot] = [:]
  /// By the offset of each parameter.
  private var parameterNames: [Int: String] = [:]
  /// Calls that a loop makes before its first step, and its slots of what they make.
  private(set) var preparations: [KernelCall] = []
  private var prepared: [Prepared: Slot] = [:]

  private struct Constant: Hashable {
    let bits: UInt64
    let number: NumberType
  }

  private struct Prepared: Hashable {
    let factor: Value
    let packing: PanelPacking
  }
  /// The offsets of gradients that their instruction writes into the gradient vector itself.
  private var gradientPlaces: [Value: Int] = [:]
  /// The slots of the outputs of a loop's body.
  private var outputPlaces: [Value: Slot] = [:]
  private let isUsed: ValueTable<Bool>
  /// How often the calls are made: the steps of the loops around them.
  private var repeats = 1
  private var compositeFlops: [CompositeCall: Int] = [:]

  /// A composite, the types that it is used on, and which results are used.
  private struct CompositeCall: Hashable {
    let operation: Operation
    let operands: [TensorType]
    let results: [Int]
  }

  init(_ source: Program, parameters: ParameterVector, contractions: any Contractions) {
    self.init(of: source.prepared(), parameters, contractions)
  }

  private init(
    of program: Program, _ parameters: ParameterVector, _ contractions: any Contractions,
    from start: Int = 0, isBody: Bool = false
  ) {
    self.program = program
    self.parameters = parameters
    self.contractions = contractions
    times = Times(program, from: start)
    analysis = Analysis(program, contractions, isBody: isBody)
    isUsed = program.isUsed
    slotOf = ValueTable(program.instructions, repeating: nil)
  }

  /// The lowering of a loop's body, which has slots and packed weights in common with this one
  /// until `finish` takes them back.
  func lowering(of loop: Value, _ scan: Scan) -> Lowering {
    var inner = Lowering(
      of: scan.body, parameters, contractions, from: times.start(of: loop.index) + 1, isBody: true)
    (inner.slots, inner.packings, inner.packedSlots) = (slots, packings, packedSlots)
    inner.constantSlots = constantSlots
    inner.parameterNames = parameterNames
    inner.repeats = repeats * scan.steps
    return inner
  }

  /// Takes back what the body of a loop of so many steps has added.
  mutating func finish(_ inner: Lowering, steps: Int) {
    let products = inner.program.instructions.filter { $0.operation.isProduct }
    let weights = products.map(\.operands[1]).filter { weight in
      guard case .input = inner.program[inner.analysis.root(weight)].operation else { return false }
      return inner.isShared(inner.slot(of: weight))
    }
    let bytes = weights.reduce(0) { $0 + inner.program.type(of: $1).byteCount }
    loopWeightBytes += steps * (bytes + inner.loopWeightBytes)
    (slots, packings, packedSlots) = (inner.slots, inner.packings, inner.packedSlots)
    constantSlots = inner.constantSlots
    analysis.work.visits += inner.analysis.work.visits
  }

  /// Gives an input of a body its slot, or an output the slot that it is written to.
  mutating func bind(_ value: Value, to slot: Slot, isOutput: Bool = false) {
    if isOutput { outputPlaces[value] = slot } else { slotOf[value] = slot }
  }

  mutating func emitAll() throws(Failure) {
    let gradients = try placeGradients()
    for index in program.instructions.indices where analysis.isComputed(index) {
      try emit(Value(index))
      for gradient in gradients[index] ?? [] { fetchGradient(gradient.value, to: gradient.offset) }
    }
    for output in program.outputs where !output.name.hasPrefix(gradientPrefix) {
      outputs.append((output.name, slot(of: output.value)))
    }
  }

  // MARK: Slots

  /// The slot of a value that was written before, or of the value that it is a reshape of.
  func slot(of value: Value) -> Slot {
    guard let slot = slotOf[analysis.root(value)] else {
      preconditionFailure("\(value) is read and was never written")
    }
    return slot
  }

  /// The values that each slot holds.
  var contents: [[Value]] {
    var contents = [[Value]](repeating: [], count: slots.count)
    for value in program.values {
      if let slot = slotOf[value] { contents[slot.index].append(value) }
    }
    return contents
  }

  /// A slot for a result that `writer` writes; nil if the result has no reader.
  ///
  /// It may be the slot of one of `operands` that is read for the last time.
  mutating func place(
    _ value: Value, at writer: Value, mayReplace operands: [Value] = []
  ) -> Slot? {
    analysis.isStored(value) ? destination(value, at: writer, mayReplace: operands) : nil
  }

  /// The same for a result that has a reader.
  mutating func destination(
    _ value: Value, at writer: Value? = nil, mayReplace operands: [Value] = []
  ) -> Slot {
    let time = (writer ?? value).index
    if let slot = outputPlaces[value] { return assign(value, slot) }
    if let offset = gradientPlaces[value] {
      return assign(value, newSlot(.gradient(offset)))
    }
    let bytes = program.type(of: value).byteCount
    let isShared = isOnce(writer ?? value)
    for operand in operands {
      let root = analysis.root(operand)
      guard analysis.lastRead[root] == time, let slot = slotOf[root],
        case .arena(var block) = slots[slot.index], block.byteCount == bytes,
        block.isShared == isShared, !analysis.isInput(root)
      else { continue }
      block.last = max(block.last, times.end(of: analysis.lastRead[value]))
      slots[slot.index] = .arena(block)
      return assign(value, slot)
    }
    let block = MemoryPlan.Block(
      byteCount: bytes, first: times.start(of: time), last: times.end(of: analysis.lastRead[value]),
      isShared: isShared)
    return assign(value, newSlot(.arena(block)))
  }

  /// Memory for the time of one instruction.
  mutating func scratch(_ byteCount: Int, at value: Value) -> Slot {
    let (first, last) = (times.start(of: value.index), times.end(of: value.index))
    return newSlot(.arena(MemoryPlan.Block(byteCount: byteCount, first: first, last: last)))
  }

  /// Memory in the body of a loop for all of its steps.
  mutating func scratch(_ byteCount: Int, within outer: Lowering, _ loop: Value) -> Slot {
    let (first, last) = (outer.times.start(of: loop.index), outer.times.end(of: loop.index))
    return newSlot(.arena(MemoryPlan.Block(byteCount: byteCount, first: first, last: last)))
  }

  /// The slot of a constant that elementwise operations read.
  mutating func constant(_ value: Double, _ number: NumberType) -> Slot {
    let constant = Constant(bits: value.bitPattern, number: number)
    if let slot = constantSlots[constant] { return slot }
    let slot = newSlot(.constant(ConstantBlock(value, number)))
    constantSlots[constant] = slot
    return slot
  }

  /// A slot whose address a loop sets in each step.
  mutating func movingSlot() -> Slot { newSlot(.moving) }

  /// The slot of a parameter, or of a reshape of one, in packed form; nil if the factor is no
  /// parameter.
  mutating func packed(_ factor: Value, in form: any WeightForm, for user: Value) -> Slot? {
    let source = analysis.root(factor)
    guard case .parameter(let offset) = slots[slot(of: source).index],
      let name = parameterNames[offset]
    else { return nil }
    let core = analysis.epilogues[user]?.core ?? user
    let activity = Activity(
      "reorder \(name) for \(user)", kind: "weights for the engine", layer: layer(of: core))
    let start = unsafe UnsafePointer(parameters.start + offset)
    let elements = unsafe start..<start + program.type(of: source).count
    let weight = unsafe parameters.packed.weight(of: elements, in: form, activity)
    if let slot = packedSlots[ObjectIdentifier(weight)] { return slot }
    let slot = newSlot(.packed(packings.count))
    packings.append((weight, activity))
    packedSlots[ObjectIdentifier(weight)] = slot
    return slot
  }

  mutating func assign(_ value: Value, _ slot: Slot) -> Slot {
    slotOf[value] = slot
    return slot
  }

  private mutating func newSlot(_ kind: SlotKind) -> Slot {
    slots.append(kind)
    return Slot(index: slots.count - 1)
  }

  // MARK: Calls

  /// Adds a kernel call that computes a value and its members, or only `moves` numbers for it.
  mutating func call(
    _ value: Value, _ note: String = "", moves: Bool = false,
    reach: KernelCall.Reach = .eachShard, loop: Loop? = nil, _ kernel: @escaping (Frame) -> Void
  ) {
    let costs = (moves ? [] : analysis.members[value.index] + [value])
      .map { (value: $0, flops: loop == nil ? repeats * flops(of: $0) : 0) }
    // The member with the highest cost gives the kind: a convolution with its bias is a
    // convolution.
    let main = costs.max { $0.flops < $1.flops }
    // A value may take several calls; the last one completes it.
    if let last = calls.indices.last, calls[last].results.first?.value == value {
      calls[last].results = []
    }
    let results = ([value] + analysis.members[value.index])
      .flatMap { program.results(of: $0.index) }
      .compactMap { value in
        slotOf[value].map {
          KernelCall.Result(value: value, slot: $0, byteCount: program.type(of: value).byteCount)
        }
      }
    let isOnce = !moves && !results.isEmpty && results.allSatisfy { isShared($0.slot) }
    add(
      name(of: value, note), kind: main.map { program[$0.value].operation.kind } ?? "movement",
      for: main?.value ?? value, flops: costs.reduce(0) { $0 + $1.flops },
      results: results, reach: isOnce ? .once : reach, loop: loop, kernel)
  }

  /// The cost of a composite is that of its expansion, which takes long to write: it is kept.
  private mutating func flops(of value: Value) -> Int {
    let instruction = program[value]
    guard case .composite = instruction.operation else { return program.cost(of: value).flops }
    let results = program.results(of: value.index).filter { isUsed[$0] }
    let call = CompositeCall(
      operation: instruction.operation, operands: instruction.operands.map(program.type(of:)),
      results: results.map(\.result))
    if let known = compositeFlops[call] { return known }
    let flops = program.cost(of: value, results: results).flops
    compositeFlops[call] = flops
    return flops
  }

  private func name(of value: Value, _ note: String) -> String {
    let instruction = program[value]
    let operands = instruction.operands.map { " \($0)" }.joined()
    let name =
      "\(value): \(instruction.types.text) = \(instruction.operation.headline)\(operands)"
    return note.isEmpty ? name : "\(name) (\(note))"
  }

  private mutating func add(
    _ name: String, kind: String, for value: Value, flops: Int = 0,
    results: [KernelCall.Result] = [], reach: KernelCall.Reach = .eachShard, loop: Loop? = nil,
    _ kernel: @escaping (Frame) -> Void
  ) {
    let activity = Activity(name, kind: kind, layer: layer(of: value), flops: flops)
    calls.append(
      KernelCall(activity: activity, reach: reach, results: results, loop: loop, kernel: kernel))
  }

  private func layer(of value: Value) -> String {
    program.provenance.authors.isEmpty ? "" : program.provenance.authors[value.index]
  }

  // MARK: Inputs and parameters

  /// Whether a value is a parameter or a reshape of one, also one from outside a loop.
  func isParameter(_ value: Value) -> Bool {
    guard let slot = slotOf[analysis.root(value)] else { return false }
    if case .parameter = slots[slot.index] { return true }
    return false
  }

  /// The slot of a factor in packed form, which is made once before the first step for a constant
  /// of a loop, else with each call of the user.
  mutating func packing(_ factor: Value, in packing: PanelPacking, for user: Value) -> Slot {
    let source = analysis.root(factor)
    let home = slot(of: source)
    func pack(to slot: Slot) {
      call(user, "pack", moves: true, reach: isShared(slot) ? .once : .eachShard) {
        unsafe packing.pack($0.floats(home), to: $0.floats(slot))
      }
    }
    var block = MemoryPlan.Block(
      byteCount: packing.byteCount, first: times.start(of: user.index),
      last: times.end(of: user.index), isShared: isShared(home))
    guard analysis.isBody, analysis.isInput(source), case .arena = slots[home.index] else {
      let slot = newSlot(.arena(block))
      pack(to: slot)
      return slot
    }
    let key = Prepared(factor: source, packing: packing)
    if let slot = prepared[key] { return slot }
    (block.first, block.last) = (times.first - 1, times.last)
    let slot = newSlot(.arena(block))
    pack(to: slot)
    preparations.append(calls.removeLast())
    prepared[key] = slot
    return slot
  }

  /// Gives some rows of a parameter the parameter's own memory; returns false for other parts.
  mutating func emitParameterRows(_ value: Value, _ ranges: [AxisRange]) -> Bool {
    let source = analysis.root(program[value].operands[0])
    let shape = program.type(of: program[value].operands[0]).shape
    guard case .parameter(let offset) = slots[slot(of: source).index], ranges[0].stride == 1,
      zip(ranges, shape.extents).dropFirst().allSatisfy({ $0.count == $1 })
    else { return false }
    let place = offset + ranges[0].start * shape.strides[0]
    if parameterNames[place] == nil {
      parameterNames[place] = "\(parameterNames[offset] ?? "") from row \(ranges[0].start)"
    }
    _ = assign(value, newSlot(.parameter(place)))
    return true
  }

  /// Whether all shards read a slot at one address.
  func isShared(_ slot: Slot) -> Bool {
    switch slots[slot.index] {
    case .parameter, .packed, .constant: true
    case .arena(let block): block.isShared
    case .gradient, .moving: false
    }
  }

  /// Whether an instruction is computed once for all shards: it and the members of its call read
  /// only what these have in common.
  ///
  /// A gradient is that of each shard.
  private func isOnce(_ value: Value) -> Bool {
    if gradientPlaces[value] != nil { return false }
    return (analysis.members[value.index] + [value]).allSatisfy { member in
      isMadeOfShared(member) { analysis.leaders[$0.index]?.index == value.index }
    }
  }

  /// Whether all operands of an instruction are known, are read from memory that shards have in
  /// common, or are read through an instruction without memory of which that is true.
  private func isMadeOfShared(_ value: Value, isKnown: (Value) -> Bool = { _ in false }) -> Bool {
    switch program[value].operation {
    case .input, .scan: return false
    case let operation where operation.isRandom: return false
    default: break
    }
    return program[value].operands.map(analysis.root).allSatisfy { operand in
      isKnown(operand) || slotOf[operand].map(isShared) ?? isMadeOfShared(operand)
    }
  }

  mutating func emitInput(_ value: Value, _ name: String) {
    // An input of a loop's body has the slot that the loop gave it.
    if slotOf[value] != nil { return }
    let block = MemoryPlan.Block(
      byteCount: program.type(of: value).byteCount, first: 0, last: times.last)
    inputs.append((name, assign(value, newSlot(.arena(block)))))
  }

  mutating func emitParameter(_ value: Value, _ name: String) throws(Failure) {
    let offset = try parameters.offset(of: name)
    parameterNames[offset] = name
    _ = assign(value, newSlot(.parameter(offset)))
  }

  // MARK: Gradients

  /// Finds the offset of each gradient; returns those that must be copied from the arena, by the
  /// number of the instruction that makes them.
  private mutating func placeGradients() throws(Failure) -> [Int: [(value: Value, offset: Int)]] {
    var fetched: [Int: [(value: Value, offset: Int)]] = [:]
    for output in program.outputs where output.name.hasPrefix(gradientPrefix) {
      let offset = try parameters.offset(of: String(output.name.dropFirst(gradientPrefix.count)))
      let root = analysis.root(output.value)
      if analysis.gradientProducts[root] != nil {
        gradientPlaces[root] = offset
      } else {
        fetched[analysis.computing(root).index, default: []].append((root, offset))
      }
    }
    return fetched
  }

  private mutating func fetchGradient(_ value: Value, to offset: Int) {
    let (source, target) = (slot(of: value), newSlot(.gradient(offset)))
    let count = program.type(of: value).count
    let scratch = self.scratch(4 * TreeSum.scratchCount, at: analysis.computing(value))
    let result = KernelCall.Result(value: value, slot: target, byteCount: 4 * count)
    add(
      "gradient at \(offset) = \(value)", kind: "movement", for: value, results: [result],
      reach: .allShards
    ) { frame in
      unsafe TreeSum.run(
        frame.floats(target), frame.floats(source), stride: frame.stride(source),
        leaves: frame.shards, count: count, adding: frame.adds, scratch: frame.floats(scratch))
    }
  }
}

/// When the instructions of a program run: a loop takes as many times as its body, and one more.
private struct Times {
  /// One more than there are instructions.
  private let starts: [Int]

  init(_ program: Program, from start: Int) {
    starts = program.instructions.reduce(into: [start]) { starts, instruction in
      starts.append(starts[starts.count - 1] + Times.duration(of: instruction))
    }
  }

  private static func duration(of instruction: Instruction) -> Int {
    guard case .scan(let scan) = instruction.operation else { return 1 }
    return scan.body.instructions.reduce(2) { $0 + duration(of: $1) }
  }

  var first: Int { starts[0] }

  /// The time behind all instructions.
  var last: Int { starts[starts.count - 1] }

  func start(of index: Int) -> Int { starts[index] }

  /// The last time of an instruction; the number behind the last stands for the end.
  func end(of index: Int) -> Int {
    index + 1 < starts.count ? starts[max(0, index + 1)] - 1 : last
  }
}

/// The prefix of the names of outputs that are gradients: `gradient/conv1/weight`.
let gradientPrefix = "gradient/"

extension Operation {
  var isProduct: Bool {
    if case .matrixProduct = self { true } else { false }
  }
}
