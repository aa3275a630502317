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
  private let number: Dataset.Number
  private let session: any Session
  private let weights: Arena
  private let samples: UnsafeMutableRawPointer?
  private let scores: UnsafePointer<Float>
  private let states: [State]
  /// The memory of states between steps, since those of a program share theirs.
  private let kept: Arena
  /// Whether the next step is the first one.
  private var isFirst = true

  /// Where a state goes into a step, comes out of it, and stays until the next one.
  @safe private struct State {
    let before: UnsafeMutableRawPointer
    let after: UnsafeRawPointer
    let kept: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// The gates and states of recurrent cells, if they are watched, and the numbers of each.
  package let cells: [(name: String, size: Int)]

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
    sequences count: Int, watchesCells: Bool = false,
    _ fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.coding = coding
    self.count = count
    number = coding.number
    let programs = try network.stepPrograms(
      samples: count, input: SampleInput(coding), showsCells: watchesCells)
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
    // Behind the weights stands what is computed of them once.
    let first = programs.first
    let layout = TensorLayout(
      packing: network.parameters.map { ($0.name, $0.shape.extents) }
        + first.outputs.map { ($0.name, first.type(of: $0.value).shape.extents) })
    weights = try Arena(byteCount: 4 * layout.count)
    let start = unsafe weights.start.bindMemory(to: Float.self, capacity: layout.count)
    try unsafe fill(
      UnsafeMutableBufferPointer(start: start, count: network.parameters.elementCount))
    let vector = unsafe ParameterVector(start: start, layout: layout)
    func makeSession(of program: Program) throws(Failure) -> any Session {
      let executable = try configuration.engine.prepare(
        program, parameters: vector, isa: configuration.isa)
      let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
      executable.packWeights()
      return session
    }
    if !first.outputs.isEmpty {
      let session = try makeSession(of: first)
      unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
      for output in first.outputs {
        guard let tensor = layout[output.name] else { continue }
        unsafe UnsafeMutableRawPointer(start + tensor.offset).copyMemory(
          from: session.output(output.name), byteCount: 4 * tensor.count)
      }
    }
    let session = try makeSession(of: step)
    self.session = session
    unsafe samples = session.input("samples")
    unsafe self.scores = session.output("scores").assumingMemoryBound(to: Float.self)
    kept = try Arena(byteCount: CarriedRows.byteCount(programs.states, rows: count))
    var place = unsafe kept.start
    var states: [State] = []
    for state in programs.states {
      guard let before = unsafe session.input(state.name) else { continue }
      let size = 4 * count * state.size
      unsafe states.append(
        State(before: before, after: session.output(state.name), kept: place, byteCount: size))
      unsafe place += size
    }
    self.states = states
  }

  /// Forgets all steps: the next one is the first of other sequences.
  package func restart() { isFirst = true }

  /// Takes each sequence one step further, with a token of each.
  ///
  /// Returns what softmax makes the probabilities of the next token of, sequence by sequence; it is
  /// valid until the next step.
  package func step(_ tokens: [Int32]) -> UnsafeBufferPointer<Float> {
    precondition(tokens.count == count, "a step needs a token for each sequence")
    if let samples = unsafe samples {
      for row in tokens.indices {
        switch number {
        case .int32:
          unsafe samples.storeBytes(of: tokens[row], toByteOffset: 4 * row, as: Int32.self)
        case .uint8:
          unsafe samples.storeBytes(
            of: UInt8(clamping: tokens[row]), toByteOffset: row, as: UInt8.self)
        case .float32:
          unsafe samples.storeBytes(of: Float(tokens[row]), toByteOffset: 4 * row, as: Float.self)
        }
      }
    }
    session.shards[0].begin(isFirst, samples: count)
    for state in states where !isFirst {
      unsafe state.before.copyMemory(from: state.kept, byteCount: state.byteCount)
    }
    isFirst = false
    unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
    for state in states {
      unsafe state.kept.copyMemory(from: state.after, byteCount: state.byteCount)
    }
    return unsafe UnsafeBufferPointer(start: scores, count: count * width)
  }

  /// The numbers of a cell after the last step, sequence by sequence.
  package func values(ofCell index: Int) -> UnsafeBufferPointer<Float> {
    let cell = cells[index]
    return unsafe UnsafeBufferPointer(
      start: session.output(cell.name).assumingMemoryBound(to: Float.self),
      count: count * cell.size)
  }
}
