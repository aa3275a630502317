internal import Diagnostics
internal import Graphs
internal import Randomness

/// A program that runs on the reference evaluator: slow, and right by construction.
final class ReferenceExecutable: Executable {
  private let evaluator: ReferenceEvaluator
  private let program: Program
  fileprivate let parameters: ParameterVector
  fileprivate let offsets: [(name: String, shape: Shape, offset: Int)]
  fileprivate let gradients: [(name: String, offset: Int)]

  init(_ program: Program, parameters: ParameterVector) throws(Failure) {
    self.program = program
    self.parameters = parameters
    evaluator = ReferenceEvaluator(program)
    var offsets: [(name: String, shape: Shape, offset: Int)] = []
    for (name, type) in program.parameters {
      offsets.append((name, type.shape, try parameters.offset(of: name)))
    }
    self.offsets = offsets
    var gradients: [(name: String, offset: Int)] = []
    for output in program.outputs where output.name.hasPrefix(gradientPrefix) {
      let parameter = String(output.name.dropFirst(gradientPrefix.count))
      gradients.append((output.name, try parameters.offset(of: parameter)))
    }
    self.gradients = gradients
  }

  /// Inputs and outputs; what lies between them is the evaluator's own.
  var arenaByteCount: Int {
    blocks.reduce(0) { $0 + ReferenceExecutable.aligned($1.type.byteCount) }
  }

  var sharedByteCount: Int { 0 }
  var listing: String { program.description }

  func refresh() {}

  func makeSession(in arena: Arena) throws(Failure) -> any Session {
    ReferenceSession(self, arena)
  }

  /// What stands in the arena: inputs, then the outputs that are not gradients.
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
      let elements = (0..<shape.count).map { Double(parameters.start[offset + $0]) }
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

private final class ReferenceSession: Session, @unchecked Sendable {
  private let executable: ReferenceExecutable
  private let arena: Arena
  private let places: [(name: String, type: TensorType, pointer: UnsafeMutableRawPointer)]
  private let inputs: Int

  init(_ executable: ReferenceExecutable, _ arena: Arena) {
    self.executable = executable
    self.arena = arena
    var pointer = arena.start
    places = executable.blocks.map { name, type in
      defer { pointer += ReferenceExecutable.aligned(type.byteCount) }
      return (name, type, pointer)
    }
    inputs = executable.inputCount
  }

  func input(_ name: String) -> UnsafeMutableRawPointer? {
    places[..<inputs].first { $0.name == name }?.pointer
  }

  func output(_ name: String) -> UnsafeRawPointer {
    guard let place = places[inputs...].first(where: { $0.name == name }) else {
      preconditionFailure("the program has no output '\(name)'")
    }
    return UnsafeRawPointer(place.pointer)
  }

  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?) {
    var tensors: [String: Tensor] = [:]
    for (name, type, pointer) in places[..<inputs] { tensors[name] = Tensor(type, at: pointer) }
    let results = executable.evaluate(tensors, random)
    for (name, type, pointer) in places[inputs...] {
      guard let tensor = results[name] else { continue }
      switch type.number {
      case .float32: tensor.write(to: pointer.assumingMemoryBound(to: Float.self)) { Float($0) }
      case .int32: tensor.write(to: pointer.assumingMemoryBound(to: Int32.self)) { Int32($0) }
      case .uint8: tensor.write(to: pointer.assumingMemoryBound(to: UInt8.self)) { UInt8($0) }
      }
    }
    guard let gradient else { return }
    for (name, offset) in executable.gradients {
      results[name]?.write(to: gradient + offset) { Float($0) }
    }
  }
}

extension ReferenceExecutable {
  fileprivate var inputCount: Int { program.inputs.count }
}

extension Tensor {
  /// The numbers of a type in memory.
  fileprivate init(_ type: TensorType, at pointer: UnsafeMutableRawPointer) {
    let count = type.count
    let elements: [Double]
    switch type.number {
    case .float32:
      let floats = pointer.assumingMemoryBound(to: Float.self)
      elements = (0..<count).map { Double(floats[$0]) }
    case .int32:
      let integers = pointer.assumingMemoryBound(to: Int32.self)
      elements = (0..<count).map { Double(integers[$0]) }
    case .uint8:
      let bytes = pointer.assumingMemoryBound(to: UInt8.self)
      elements = (0..<count).map { Double(bytes[$0]) }
    }
    self.init(type.shape, elements)
  }

  fileprivate func write<Number>(
    to pointer: UnsafeMutablePointer<Number>, _ number: (Double) -> Number
  ) {
    for (i, element) in elements.enumerated() { pointer[i] = number(element) }
  }
}
