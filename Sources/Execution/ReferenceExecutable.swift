internal import Diagnostics
internal import Graphs
internal import Kernels
internal import Randomness

/// A program that runs on the reference evaluator.
final class ReferenceExecutable: Executable {
  private let evaluator: ReferenceEvaluator
  private let program: Program
  fileprivate let activity: Activity
  fileprivate let parameters: ParameterVector
  fileprivate let offsets: [(name: String, shape: Shape, offset: Int)]
  fileprivate let gradients: [(name: String, offset: Int, count: Int)]

  init(_ program: Program, parameters: ParameterVector) throws(Failure) {
    self.program = program
    self.parameters = parameters
    evaluator = ReferenceEvaluator(program)
    activity = Activity("the whole program", kind: "reference", flops: program.cost.flops)
    var offsets: [(name: String, shape: Shape, offset: Int)] = []
    for (name, type) in program.parameters {
      offsets.append((name, type.shape, try parameters.offset(of: name)))
    }
    self.offsets = offsets
    var gradients: [(name: String, offset: Int, count: Int)] = []
    for output in program.outputs where output.name.hasPrefix(gradientPrefix) {
      let parameter = String(output.name.dropFirst(gradientPrefix.count))
      gradients.append(
        (
          output.name, try parameters.offset(of: parameter),
          program.type(of: output.value).count
        ))
    }
    self.gradients = gradients
  }

  /// The bytes of inputs and outputs; other values are held by the evaluator.
  func arenaByteCount(shards: Int) -> Int {
    blocks.reduce(0) { $0 + ReferenceExecutable.aligned($1.type.byteCount) }
  }

  var maximumShards: Int { 1 }
  var loopWeightBytes: Int { 0 }
  var listing: String { program.description }

  var description: PlanDescription? { nil }

  func packWeights(on pool: WorkerPool?, timelines: [Timeline]) {}

  func makeSession(in arena: Arena, shards: Int, of samples: Int) -> any Session {
    precondition(shards == 1, "the evaluator takes one shard after the other")
    return ReferenceSession(self, arena)
  }

  /// The contents of the arena: inputs, then the outputs that are not gradients.
  fileprivate var blocks: [(name: String, type: TensorType)] {
    program.inputs
      + program.outputs.filter { !$0.name.hasPrefix(gradientPrefix) }
      .map { ($0.name, program.type(of: $0.value)) }
  }

  fileprivate static func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

  fileprivate func evaluate(
    _ inputs: [String: Tensor], _ random: RandomPosition
  ) -> [String: Tensor] {
    var values: [String: Tensor] = [:]
    for (name, shape, offset) in offsets {
      let elements = (0..<shape.count).map { unsafe Double(parameters.start[offset + $0]) }
      values[name] = Tensor(shape, elements)
    }
    do {
      return try evaluator.evaluate(inputs: inputs, parameters: values) { stream, shape in
        random.uniform(stream: stream, shape).map(Double.init)
      }
    } catch {
      preconditionFailure("the reference evaluator failed: \(error)")
    }
  }
}

private final class ReferenceSession: Session, Bindings, @unchecked Sendable {
  private let executable: ReferenceExecutable
  private let arena: Arena
  /// Inputs, then outputs, each with its offset in the arena in bytes.
  private let places: [(name: String, type: TensorType, offset: Int)]
  private let inputs: Int
  private var timeline: Timeline?

  var shards: [any Bindings] { [self] }

  init(_ executable: ReferenceExecutable, _ arena: Arena) {
    self.executable = executable
    self.arena = arena
    var offset = 0
    places = executable.blocks.map { name, type in
      defer { offset += ReferenceExecutable.aligned(type.byteCount) }
      return (name, type, offset)
    }
    inputs = executable.inputCount
  }

  func input(_ name: String) -> UnsafeMutableRawPointer? {
    unsafe places[..<inputs].first { $0.name == name }.map { unsafe arena.start + $0.offset }
  }

  func output(_ name: String) -> UnsafeRawPointer {
    guard let place = places[inputs...].first(where: { $0.name == name }) else {
      preconditionFailure("the program has no output '\(name)'")
    }
    return unsafe UnsafeRawPointer(arena.start + place.offset)
  }

  func record(to timeline: Timeline?) { self.timeline = timeline }

  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool) {
    timeline?.begin()
    defer { timeline?.lap(executable.activity) }
    var tensors: [String: Tensor] = [:]
    for (name, type, offset) in places[..<inputs] {
      tensors[name] = unsafe Tensor(type, at: arena.start + offset)
    }
    let results = executable.evaluate(tensors, random)
    for (name, type, offset) in places[inputs...] {
      guard let tensor = results[name] else { continue }
      let start = unsafe arena.start + offset
      switch type.number {
      case .float32: unsafe tensor.write(to: start.assumingMemoryBound(to: Float.self), Float.init)
      case .int32: unsafe tensor.write(to: start.assumingMemoryBound(to: Int32.self), Int32.init)
      case .uint8: unsafe tensor.write(to: start.assumingMemoryBound(to: UInt8.self), UInt8.init)
      case .bfloat16:
        unsafe tensor.write(to: start.assumingMemoryBound(to: BFloat16.self)) {
          BFloat16(Float($0))
        }
      }
    }
    guard let gradient = unsafe gradient else { return }
    for (name, offset, _) in executable.gradients {
      for (i, element) in (results[name]?.elements ?? []).enumerated() {
        let place = unsafe gradient + offset + i
        unsafe place.pointee = adding ? place.pointee + Float(element) : Float(element)
      }
    }
  }
}

extension ReferenceSession {
  /// Digests of outputs and gradients; other values are held by the evaluator.
  func digests(
    _ random: RandomPosition, gradient: UnsafeMutablePointer<Float>
  ) -> [ResultDigest] {
    unsafe run(random, gradient: gradient, adding: false)
    return places[inputs...].map { name, type, offset in
      unsafe ResultDigest(
        step: name,
        digest: Digest(UnsafeRawBufferPointer(start: arena.start + offset, count: type.byteCount)))
    }
      + executable.gradients.map { name, offset, count in
        unsafe ResultDigest(
          step: name,
          digest: Digest(UnsafeRawBufferPointer(start: gradient + offset, count: 4 * count)))
      }
  }
}

extension ReferenceExecutable {
  fileprivate var inputCount: Int { program.inputs.count }
}

extension Tensor {
  /// Reads numbers of a type from memory.
  fileprivate init(_ type: TensorType, at pointer: UnsafeMutableRawPointer) {
    let count = type.count
    let elements: [Double]
    switch type.number {
    case .float32:
      let floats = unsafe pointer.assumingMemoryBound(to: Float.self)
      elements = (0..<count).map { unsafe Double(floats[$0]) }
    case .int32:
      let integers = unsafe pointer.assumingMemoryBound(to: Int32.self)
      elements = (0..<count).map { unsafe Double(integers[$0]) }
    case .uint8:
      let bytes = unsafe pointer.assumingMemoryBound(to: UInt8.self)
      elements = (0..<count).map { unsafe Double(bytes[$0]) }
    case .bfloat16:
      let floats = unsafe pointer.assumingMemoryBound(to: BFloat16.self)
      elements = (0..<count).map { unsafe Double(floats[$0].float) }
    }
    self.init(type.shape, elements)
  }

  fileprivate func write<Number>(
    to pointer: UnsafeMutablePointer<Number>, _ number: (Double) -> Number
  ) {
    for (i, element) in elements.enumerated() { unsafe pointer[i] = number(element) }
  }
}
