/// What is needed of instructions to compute some of their values.
struct Liveness {
  private var isNeeded: ValueTable<Bool>
  /// The part of each loop that is needed.
  private(set) var loops: [Int: LiveScan] = [:]
  private(set) var isKept: [Bool]

  init(_ instructions: [Instruction], of values: [Value]) {
    isNeeded = ValueTable(instructions, repeating: false)
    isKept = instructions.map { _ in false }
    for value in values { mark(value) }
    for index in instructions.indices.reversed() where isKept[index] {
      let instruction = instructions[index]
      guard case .scan(let scan) = instruction.operation else {
        for operand in instruction.operands { mark(operand) }
        continue
      }
      let needed = instruction.types.indices.map { isNeeded[Value(index, result: $0)] }
      let live = LiveScan(scan, results: needed)
      loops[index] = live
      for place in live.operands { mark(instruction.operands[place]) }
    }
  }

  private mutating func mark(_ value: Value) {
    isNeeded[value] = true
    isKept[value.index] = true
  }
}

/// The part of a loop that some of its results need.
struct LiveScan {
  let scan: Scan
  /// The operands and results of the whole loop that it keeps.
  let operands: [Int]
  let results: [Int]

  init(_ scan: Scan, results isNeeded: [Bool]) {
    let outputs = scan.body.outputs.map(\.value)
    var results = isNeeded.indices.filter { isNeeded[$0] }
    var leaves: [Int]
    // A carry is needed if a result or another needed carry reads it: up to a fixed point.
    while true {
      let live = Liveness(scan.body.instructions, of: results.map { outputs[$0] })
      leaves = scan.leaves.filter { live.isKept[$0] }
      let more = leaves.filter { $0 < scan.carries && !results.contains($0) }
      if more.isEmpty { break }
      results = (results + more).sorted()
    }
    let carries = results.filter { $0 < scan.carries }
    operands = carries + leaves.filter { $0 >= scan.carries }
    self.results = results
    if operands.count == scan.leaves.count && results.count == outputs.count {
      self.scan = scan
      return
    }
    let sequences = operands.count { (0..<scan.sequences).contains($0 - scan.carries) }
    let body = Program(
      of: Scan.outputs(
        carries.map { outputs[$0] }, results.dropFirst(carries.count).map { outputs[$0] }),
      in: scan.body.instructions, scan.body.provenance, keeping: Set(operands))
    self.scan = scan.with(
      body.namingLeaves(carries: carries.count, sequences: sequences), carries: carries.count,
      sequences: sequences)
  }
}

extension Program {
  /// The instructions that some outputs need, and the leaves `kept`.
  init(
    of outputs: [Output], in instructions: [Instruction], _ provenance: Provenance,
    keeping kept: Set<Int> = []
  ) {
    let live = Liveness(instructions, of: outputs.map(\.value))
    var places = ValueTable<Value?>(instructions, repeating: nil)
    var made: [Instruction] = []
    var origin = Provenance()
    for (index, instruction) in instructions.enumerated()
    where live.isKept[index] || kept.contains(index) {
      let loop = live.loops[index]
      let results = loop?.results ?? Array(instruction.types.indices)
      for (place, result) in results.enumerated() {
        places[Value(index, result: result)] = Value(made.count, result: place)
      }
      let operands = loop?.operands ?? Array(instruction.operands.indices)
      made.append(
        Instruction(
          loop.map { .scan($0.scan) } ?? instruction.operation,
          operands.compactMap { places[instruction.operands[$0]] },
          results.map { instruction.types[$0] }))
      origin.authors.append(provenance.author(of: index))
    }
    origin.steps = provenance.steps.compactMap { step in
      step.moved(keeping: live.loops[step.result.index]) { places[$0] }
    }
    origin.addNames(of: provenance) { places[$0] }
    self.init(
      made,
      outputs: outputs.compactMap { output in
        places[output.value].map { Output(output.name, $0) }
      }, provenance: origin)
  }

  /// The body of a loop, whose inputs have the names of their places.
  func namingLeaves(carries: Int, sequences: Int) -> Program {
    var renamed = instructions
    for place in inputs.indices {
      let name = Scan.inputName(place, carries: carries, sequences: sequences)
      renamed[place] = Instruction(.input(name), [], renamed[place].types)
    }
    return Program(renamed, outputs: outputs, provenance: provenance)
  }
}
