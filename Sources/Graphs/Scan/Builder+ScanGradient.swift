extension Builder {
  /// The gradients of a loop's operands: a loop in the other direction whose step is the derivative
  /// of the step.
  mutating func gradients(
    of scan: Scan, at index: Int, from gradients: [Value?]
  ) -> [Value?] {
    // The derivative's own loop has no probes.
    let form = loopForm
    loopForm = LoopForm()
    defer { loopForm = form }
    let operands = instructions[index].operands
    let saving = scan.saving
    let results =
      saving == scan
      ? instructions[index].types.indices.map { Value(index, result: $0) }
      : self.results(of: .scan(saving), operands)
    let step = StepDerivative.of(
      saving.body, carries: scan.carries, given: gradients.indices.filter { gradients[$0] != nil })
    return step.gradients(of: saving, operands, results, from: gradients, in: &self)
  }
}

/// The derivative of one step of a loop.
private struct StepDerivative {
  private let carries: Int
  /// The step and, behind it, its derivative.
  private var body = Builder()
  private let forward: Program
  /// The values of the step in `body`.
  private var places = ValueTable<Value>()
  /// The carries that have a gradient, and the results that do.
  private let liveCarries: [Int]
  private let liveResults: [Int]
  /// The gradients of those in `body`.
  private var carrySeeds: [Value] = []
  private var resultSeeds: [Value] = []
  /// The gradient of each input of the step; nil for none.
  private var found: [Value?] = []

  /// The derivative for those results of the loop that have a gradient.
  static func of(_ program: Program, carries: Int, given: [Int]) -> StepDerivative {
    // Gradients of carries flow from step to step: up to a fixed point.
    var live = given.filter { $0 < carries }
    while true {
      let step = StepDerivative(program, carries, live, given.filter { $0 >= carries })
      let more = (0..<carries).filter { !live.contains($0) && step.found[$0] != nil }
      if more.isEmpty { return step }
      live = (live + more).sorted()
    }
  }

  private init(
    _ program: Program, _ carries: Int, _ liveCarries: [Int], _ liveResults: [Int]
  ) {
    (forward, self.carries) = (program, carries)
    (self.liveCarries, self.liveResults) = (liveCarries, liveResults)
    for (index, instruction) in program.instructions.enumerated() {
      body.author = program.provenance.author(of: index)
      places.append(body.emit(instruction, operands: instruction.operands.map { places[$0] }))
    }
    body.provenance.steps = program.provenance.steps.compactMap { $0.moved { places[$0] } }
    let outputs = program.outputs.map(\.value)
    carrySeeds = liveCarries.map { body.input("dcarry\($0)", program.type(of: outputs[$0])) }
    resultSeeds = liveResults.map { body.input("dresult\($0)", program.type(of: outputs[$0])) }
    differentiate()
  }

  private mutating func differentiate() {
    let outputs = forward.outputs.map { places[$0.value] }
    let seeds =
      zip(liveCarries, carrySeeds).map { (outputs[$0], $1) }
      + zip(liveResults, resultSeeds).map { (outputs[$0], $1) }
    let inputs = forward.inputs.indices
    let sources = inputs.filter { forward.instructions[$0].type.number.isFloat }
    found = inputs.map { _ in nil }
    for (source, gradient) in zip(
      sources, body.gradients(of: seeds, by: sources.map { places[Value($0)] }))
    { found[source] = gradient }
  }

  /// Writes the loop, and what of the gradients of constants is computed behind it.
  func gradients(
    of scan: Scan, _ operands: [Value], _ results: [Value], from gradients: [Value?],
    in outside: inout Builder
  ) -> [Value?] {
    // What the loop finds in sequences: results of the loop before, and its sequences.
    var stacked: [Value: Value] = [:]
    for place in carries..<carries + scan.sequences {
      stacked[places[Value(place)]] = operands[place]
    }
    for (place, output) in forward.outputs.enumerated().dropFirst(carries) {
      stacked[places[output.value]] = results[place]
    }
    for (result, seed) in zip(liveResults, resultSeeds) { stacked[seed] = gradients[result] }

    let firstConstant = carries + scan.sequences
    let constants = (firstConstant..<operands.count).filter { found[$0] != nil }
    let totals = Totals(
      of: constants.compactMap { found[$0] }, in: body,
      hasRows: scan.axis <= 1 && !forward.hasLoop, known: Set(stacked.keys))

    let items = stacked.keys.sorted { ($0.index, $0.result) < ($1.index, $1.result) }
    let sequenceParts = (carries..<firstConstant).filter { found[$0] != nil }
    let zeros = totals.carried.map { outside.constant(0, body.type(of: $0)) }
    let first = liveCarries.map { carry in
      gradients[carry] ?? outside.constant(0, outside.type(of: operands[carry]))
    }
    let made = outside.scan(
      over: items.compactMap { stacked[$0] }, axis: scan.axis, from: first + zeros,
      with: Array(operands[firstConstant...]), steps: scan.steps, reversed: !scan.isReversed
    ) { step, carried, given, constants in
      var known: [Value: Value] = [:]
      for (item, value) in zip(items, given) { known[item] = value }
      for (seed, value) in zip(carrySeeds, carried) { known[seed] = value }
      for (place, value) in constants.enumerated() {
        known[places[Value(firstConstant + place)]] = value
      }
      let values = step.append(body, knowing: known)
      let sums = zip(carried.dropFirst(liveCarries.count), totals.carried).map {
        step.add($0, values[$1] ?? $0)
      }
      func value(_ place: Int) -> Value? { found[place].flatMap { values[$0] } }
      return (
        liveCarries.map { carry in
          value(carry) ?? step.constant(0, forward.instructions[carry].type)
        } + sums,
        sequenceParts.compactMap(value) + totals.stacks.compactMap { values[$0] }
      )
    }

    var all = [Value?](repeating: nil, count: operands.count)
    for (carry, gradient) in zip(liveCarries, made.carries) where found[carry] != nil {
      all[carry] = gradient
    }
    for (place, gradient) in zip(sequenceParts, made.results) { all[place] = gradient }
    for (value, stack) in zip(totals.stacks, made.results.dropFirst(sequenceParts.count)) {
      stacked[value] = stack
    }
    let sums = Dictionary(
      uniqueKeysWithValues: zip(totals.carried, made.carries.dropFirst(liveCarries.count)))
    for place in constants {
      all[place] = found[place].map { totals.value(of: $0, stacked, sums, in: &outside) }
    }
    return all
  }
}

extension Builder {
  /// Writes the instructions of another builder, without those whose results are known here.
  fileprivate mutating func append(
    _ other: Builder, knowing known: [Value: Value]
  ) -> [Value: Value] {
    var places = known
    let writer = author
    for (index, instruction) in other.instructions.enumerated() {
      let results = instruction.types.indices.map { Value(index, result: $0) }
      if results.allSatisfy({ known[$0] != nil }) { continue }
      let operands = instruction.operands.compactMap { places[$0] }
      // Inputs that are not known here are carries that were saved, or unused.
      guard operands.count == instruction.operands.count, !instruction.operation.isInput
      else { continue }
      author = other.provenance.authors[index]
      for (result, value) in zip(results, emit(instruction, operands: operands))
      where places[result] == nil { places[result] = value }
    }
    author = writer
    provenance.steps += other.provenance.steps.compactMap { $0.moved { places[$0] } }
    return places
  }
}

extension Operation {
  fileprivate var isInput: Bool {
    if case .input = self { true } else { false }
  }
}
