package import Checkpoints
package import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
package import Networks

/// Runs a trained network of sequences of tokens one step at a time.
///
/// States stay between steps, so that a token takes the time of one step wherever it stands.
@safe package final class StepRunner {
  /// The coding of its tokens.
  package let coding: SampleCoding
  /// The sequences that go on together.
  package let count: Int
  /// The scores of a step of one sequence.
  package let width: Int
  /// The type of the numbers of the input that gets one step.
  private let number: Dataset.Number
  private let session: any Session
  private let executable: any Executable
  /// Computes what is the same in every step; nil if there is nothing.
  private let first: (executable: any Executable, session: any Session, outputs: [String])?
  private let layout: TensorLayout
  private let weights: Arena
  private let vector: ParameterVector
  /// The elements of the network's own parameters, which come first.
  private let parameterCount: Int
  private let samples: UnsafeMutableRawPointer?
  private let scores: UnsafePointer<Float>
  private let states: [State]
  /// The memory of states between steps, since those of a program share theirs.
  private let stateMemory: Arena
  /// What layers of attention keep of every step.
  private let kept: [Kept]
  private let position: UnsafeMutablePointer<Int32>?
  /// The steps that each sequence has taken.
  private var positions: [Int]
  /// The number of steps that a sequence can take; nil for any number.
  package let context: Int?
  /// Reads several first steps at once; nil where states go from step to step.
  private var beginning: Beginning?

  /// Where a state goes into a step, comes out of it, and stays until the next one.
  @safe private struct State {
    let before: UnsafeMutableRawPointer
    let after: UnsafeRawPointer
    let kept: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// Where keys or values of a step come out, and where those of all steps stay, among the weights.
  @safe private struct Kept {
    let name: String
    let after: UnsafePointer<Float>
    let all: UnsafeMutablePointer<Float>
    let size: Int
    let context: Int
  }

  @safe private struct Beginning {
    let session: any Session
    let executable: any Executable
    let samples: UnsafeMutableRawPointer
    /// The steps that it reads.
    let steps: Int
  }

  /// The gates and states of recurrent cells, if they are watched, and the numbers of each.
  package let cells: [(name: String, size: Int)]
  /// The layers of attention, if they are watched.
  package let attention: [(name: String, heads: Int)]

  package convenience init(
    _ checkpoint: borrowing Checkpoint, sequences count: Int = 1, watchesCells: Bool = false
  ) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    try configuration.requireSupervised(else: "draw samples with nn-dist sample \(path)")
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    guard coding.tokens != nil else {
      throw Failure(
        .badConfiguration,
        "'\(path)' holds a network that answers, not one that makes samples or continues a text: "
          + "use nn-dist predict")
    }
    guard coding.targetTokens == nil else {
      throw Failure(
        .badConfiguration,
        "'\(path)' translates and continues no text: use nn-dist predict with --input FILE")
    }
    guard coding.masked == nil else {
      throw Failure(
        .badConfiguration,
        "'\(path)' predicts hidden tokens, not the next one: use nn-dist predict with [MASK] in a "
          + "text")
    }
    let network = try Network(
      configuration.settings, sample: Shape(coding.shape), targets: TargetType(coding),
      fields: [TargetType.NamedField](coding))
    try unsafe self.init(
      network, configuration, coding, sequences: count, watchesCells: watchesCells
    ) { values throws(Failure) in
      try unsafe checkpoint.read(.weights, as: network.parameters.layout, into: values)
    }
  }

  /// `fill` writes the weights.
  package init(
    _ network: Network, _ configuration: RunConfiguration, _ coding: SampleCoding,
    sequences count: Int = 1, decoding field: Field? = nil, watchesCells: Bool = false,
    _ fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.coding = coding
    self.count = count
    number = field?.number ?? coding.number
    let stored = SampleInput(coding)
    let programs =
      if let field {
        try network.decodingPrograms(samples: count, input: stored, of: field.name)
      } else {
        try network.stepPrograms(samples: count, input: stored, showsCells: watchesCells)
      }
    let step = programs.step
    guard let scores = step.output("scores") else {
      preconditionFailure("a program of one step has scores")
    }
    guard coding.shape.count == 1 else {
      throw Failure(
        .badConfiguration,
        "expected a network that reads sequences of tokens, its samples are \(Shape(coding.shape))")
    }
    width = step.type(of: scores).count / count
    cells = programs.cells.map { name in
      (name, (step.output(name).map { step.type(of: $0).count } ?? 0) / count)
    }
    attention = programs.attention.map { name in
      (name, step.output(name).map { step.type(of: $0).shape[1] } ?? 0)
    }
    // Behind the weights stand what is computed of them once, and keys and values of all steps.
    let first = programs.first
    layout = TensorLayout(
      packing: network.parameters.map { ($0.name, $0.shape.extents) }
        + first.outputs.map { ($0.name, first.type(of: $0.value).shape.extents) }
        + programs.kept.map { ($0.name, [count, $0.context, $0.size]) })
    weights = try Arena(byteCount: 4 * layout.count)
    let start = unsafe weights.start.bindMemory(to: Float.self, capacity: layout.count)
    try unsafe fill(
      UnsafeMutableBufferPointer(start: start, count: network.parameters.elementCount))
    let vector = unsafe ParameterVector(start: start, layout: layout)
    self.vector = vector
    parameterCount = network.parameters.elementCount
    func prepare(_ program: Program) throws(Failure) -> (any Executable, any Session) {
      let executable = try configuration.engine.prepare(
        program, parameters: vector, isa: configuration.isa)
      return (
        executable, try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
      )
    }
    if first.outputs.isEmpty {
      self.first = nil
    } else {
      let (executable, session) = try prepare(first)
      self.first = (executable, session, first.outputs.map(\.name))
    }
    (executable, session) = try prepare(step)
    unsafe samples = session.input(field?.name ?? "samples")
    unsafe self.scores = session.output("scores").assumingMemoryBound(to: Float.self)
    stateMemory = try Arena(byteCount: CarriedRows.byteCount(programs.states, rows: count))
    var place = unsafe stateMemory.start
    var states: [State] = []
    for state in programs.states {
      guard let before = unsafe session.input(state.name) else { continue }
      let size = 4 * count * state.size
      unsafe states.append(
        State(before: before, after: session.output(state.name), kept: place, byteCount: size))
      unsafe place += size
    }
    self.states = states
    context = programs.context
    positions = [Int](repeating: 0, count: count)
    unsafe position = session.input(KeptSteps.position)?.assumingMemoryBound(to: Int32.self)
    var kept: [Kept] = []
    for steps in programs.kept {
      guard let tensor = layout[steps.name] else { continue }
      unsafe kept.append(
        Kept(
          name: steps.name, after: session.output(steps.name).assumingMemoryBound(to: Float.self),
          all: start + tensor.offset, size: steps.size, context: steps.context))
    }
    self.kept = kept
    if let program = programs.beginning, let context {
      let (executable, session) = try prepare(program)
      if let samples = unsafe session.input("samples") {
        unsafe beginning = Beginning(
          session: session, executable: executable, samples: samples, steps: context / 2)
      }
    }
    unsafe begin()
  }

  /// Begins again with weights that `fill` writes.
  package func replaceWeights(_ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    let start = unsafe weights.start.assumingMemoryBound(to: Float.self)
    unsafe fill(UnsafeMutableBufferPointer(start: start, count: parameterCount))
    vector.weightsChanged()
    unsafe begin()
  }

  /// Computes what is the same in every step.
  ///
  /// A decoder does so for new sequences, whose samples and fields `fill` writes; the next step is
  /// their first one.
  package func begin(
    _ fill: (_ input: (String) -> UnsafeMutableRawPointer?) -> Void = { _ in }
  ) {
    if let (executable, session, outputs) = first {
      executable.packWeights()
      unsafe fill { unsafe session.input($0) }
      unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
      let start = unsafe weights.start.assumingMemoryBound(to: Float.self)
      for output in outputs {
        guard let tensor = layout[output] else { continue }
        unsafe UnsafeMutableRawPointer(start + tensor.offset).copyMemory(
          from: session.output(output), byteCount: 4 * tensor.count)
      }
    }
    executable.packWeights()
    beginning?.executable.packWeights()
    restart()
  }

  /// Forgets all steps: the next one is the first of other sequences.
  package func restart() { for row in positions.indices { restart(row) } }

  /// Forgets the steps of one sequence.
  package func restart(_ row: Int) { positions[row] = 0 }

  /// The steps that a sequence has taken.
  package func stepsTaken(_ row: Int) -> Int { positions[row] }

  /// The steps that a sequence can still take; nil for any number.
  package func room(_ row: Int) -> Int? { context.map { $0 - positions[row] } }

  /// Continues other sequences: each one that of the row which `rows` names.
  package func reorder(_ rows: [Int]) {
    for state in states {
      unsafe reorder(rows, of: state.kept, stride: state.byteCount / count) { _ in
        state.byteCount / count
      }
    }
    for steps in kept {
      unsafe reorder(
        rows, of: UnsafeMutableRawPointer(steps.all), stride: 4 * steps.context * steps.size
      ) { 4 * positions[$0] * steps.size }
    }
    positions = rows.map { positions[$0] }
  }

  /// Copies rows of memory; `byteCount` is how much of a row is in use.
  private func reorder(
    _ rows: [Int], of start: UnsafeMutableRawPointer, stride: Int, byteCount: (Int) -> Int
  ) {
    let sources = Set(rows.indices.filter { rows[$0] != $0 }.map { rows[$0] })
    var copies: [Int: [UInt8]] = [:]
    for row in sources {
      unsafe copies[row] = [UInt8](
        UnsafeRawBufferPointer(start: start + row * stride, count: byteCount(row)))
    }
    for (row, source) in rows.enumerated() where row != source {
      unsafe copies[source]?.withUnsafeBytes { bytes in
        guard let from = bytes.baseAddress else { return }
        unsafe (start + row * stride).copyMemory(from: from, byteCount: bytes.count)
      }
    }
  }

  /// The number of first steps that `read` takes at once; 0 where it cannot.
  package var beginningSteps: Int { beginning?.steps ?? 0 }

  /// Takes the first steps of sequences at once: the bits are those of one after the other.
  ///
  /// A sequence without tokens stays as it is.
  package func read(beginnings: [ArraySlice<Int32>]) {
    guard let beginning, beginnings.contains(where: { !$0.isEmpty }) else { return }
    for (row, tokens) in beginnings.enumerated() {
      precondition(tokens.count <= beginning.steps, "a beginning has too many tokens")
      for step in 0..<beginning.steps {
        let token = step < tokens.count ? tokens[tokens.startIndex + step] : 0
        unsafe write(token, to: row * beginning.steps + step, of: beginning.samples)
      }
    }
    unsafe beginning.session.run(
      RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
    for (row, tokens) in beginnings.enumerated() where !tokens.isEmpty {
      for steps in kept {
        let read = unsafe beginning.session.output(steps.name)
          .assumingMemoryBound(to: Float.self)
        unsafe (steps.all + row * steps.context * steps.size).update(
          from: read + row * beginning.steps * steps.size, count: tokens.count * steps.size)
      }
      positions[row] = tokens.count
    }
  }

  /// Takes sequences one step further, each with a token; those without one stay as they are.
  ///
  /// None of them may have taken all steps of the context. Returns what softmax makes the
  /// probabilities of the next token of, sequence by sequence; it is valid until the next step.
  package func step(_ tokens: [Int32?]) -> UnsafeBufferPointer<Float> {
    precondition(tokens.count == count, "a step needs a place for each sequence")
    for (row, token) in tokens.enumerated() {
      precondition(token == nil || room(row) != 0, "a sequence has taken all steps of its context")
      if let samples = unsafe samples { unsafe write(token ?? 0, to: row, of: samples) }
    }
    let isFirst = unsafe session.input(CarriedState.begins)?.assumingMemoryBound(to: UInt8.self)
    for row in positions.indices {
      unsafe isFirst?[row] = positions[row] == 0 ? 1 : 0
      unsafe position?[row] = Int32(min(positions[row], (context ?? .max) - 1))
    }
    for state in states {
      unsafe state.before.copyMemory(from: state.kept, byteCount: state.byteCount)
    }
    unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
    for row in tokens.indices where tokens[row] != nil {
      for state in states {
        let size = state.byteCount / count
        unsafe (state.kept + row * size).copyMemory(
          from: state.after + row * size, byteCount: size)
      }
      for steps in kept {
        unsafe (steps.all + (row * steps.context + positions[row]) * steps.size)
          .update(from: steps.after + row * steps.size, count: steps.size)
      }
      positions[row] += 1
    }
    return unsafe UnsafeBufferPointer(start: scores, count: count * width)
  }

  /// Writes a token as the number that the network takes.
  private func write(_ token: Int32, to row: Int, of samples: UnsafeMutableRawPointer) {
    switch number {
    case .int32: unsafe samples.storeBytes(of: token, toByteOffset: 4 * row, as: Int32.self)
    case .uint8:
      unsafe samples.storeBytes(of: UInt8(clamping: token), toByteOffset: row, as: UInt8.self)
    case .float32:
      unsafe samples.storeBytes(of: Float(token), toByteOffset: 4 * row, as: Float.self)
    }
  }

  /// The weights that a head of attention gave to all steps of a sequence in its last one.
  package func weights(ofAttention index: Int, head: Int, row: Int) -> UnsafeBufferPointer<Float> {
    let (name, heads) = attention[index]
    let start = unsafe session.output(name).assumingMemoryBound(to: Float.self)
    return unsafe UnsafeBufferPointer(
      start: start + (row * heads + head) * (context ?? 0), count: positions[row])
  }

  /// The numbers of a cell after the last step, sequence by sequence.
  package func values(ofCell index: Int) -> UnsafeBufferPointer<Float> {
    let cell = cells[index]
    return unsafe UnsafeBufferPointer(
      start: session.output(cell.name).assumingMemoryBound(to: Float.self),
      count: count * cell.size)
  }
}
