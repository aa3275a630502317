import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// What an engine makes of a program: each output, and the gradients among them, by name.
///
/// The program runs three times: twice in one session, once in another, each time in memory that
/// holds NaN before, and must give the same bits. Nothing may be written outside its place.
func outputs(
  of program: Program, on engine: Engine, inputs: [String: Tensor] = [:],
  parameters: [String: Tensor] = [:], random: RandomPosition = .somewhere
) throws -> [String: Tensor] {
  NumericThread.prepare()
  let vector = try Parameters(parameters)
  let executable = try engine.prepare(program, parameters: vector.vector)

  var results: [[String: Memory]] = []
  for (session, rounds) in [2, 1].enumerated() {
    let arena = try Arena(byteCount: executable.arenaByteCount + Memory.guardBytes)
    // The gradient of another session stands elsewhere between two addresses that suit vectors.
    let gradient = try Memory(byteCount: 4 * vector.vector.count, shift: 4 * session)
    let session = try executable.makeSession(in: arena)
    executable.packWeights()
    for _ in 0..<rounds {
      unsafe arena.start.fill(0xFF, arena.byteCount)
      unsafe gradient.start.fill(0xFF, gradient.byteCount)
      for (name, type) in program.inputs {
        guard let value = inputs[name], let place = unsafe session.input(name) else { continue }
        unsafe place.write(value, type.number)
      }
      unsafe session.run(random, gradient: gradient.start.assumingMemoryBound(to: Float.self))
      results.append(
        try collect(program, session, gradient, vector).merging(["": vector.memory.copy()]) { $1 })
      for (name, type) in program.inputs {
        guard let value = inputs[name], let place = unsafe session.input(name) else { continue }
        unsafe #expect(
          Tensor(type, at: place).disagreement(with: value, allowance: 0) == nil,
          "input \(name) was overwritten")
      }
      let isWhole = unsafe (arena.start + executable.arenaByteCount)
        .holds(0xFF, Memory.guardBytes)
      #expect(isWhole, "written behind the arena")
      #expect(gradient.isGuarded && vector.memory.isGuarded, "written beside the parameters")
    }
  }
  for result in results.dropFirst() {
    for (name, memory) in result {
      #expect(memory.bytes == results[0][name]?.bytes, "other bits of \(name) in another run")
    }
  }
  return Dictionary(
    uniqueKeysWithValues: program.outputs.compactMap { output in
      results[0][output.name].map {
        unsafe (output.name, Tensor(program.type(of: output.value), at: $0.start))
      }
    })
}

private func collect(
  _ program: Program, _ session: any Session, _ gradient: Memory, _ parameters: Parameters
) throws -> [String: Memory] {
  var results: [String: Memory] = [:]
  for output in program.outputs {
    let bytes = program.type(of: output.value).byteCount
    if output.name.hasPrefix("gradient/") {
      let offset = try #require(parameters.layout["\(output.name.dropFirst(9))"]).offset
      results[output.name] = try unsafe Memory(
        copying: gradient.start + 4 * offset, byteCount: bytes)
    } else {
      results[output.name] = try unsafe Memory(
        copying: session.output(output.name), byteCount: bytes)
    }
  }
  return results
}

/// Parameters in one vector, in the order of their names.
@safe final class Parameters {
  let memory: Memory
  let vector: ParameterVector
  let layout: TensorLayout

  init(_ values: [String: Tensor]) throws {
    let values = values.sorted { $0.key < $1.key }
    let layout = TensorLayout(packing: values.map { ($0.key, $0.value.shape.extents) })
    self.layout = layout
    memory = try Memory(byteCount: 4 * layout.count)
    for ((_, value), tensor) in zip(values, layout.tensors) {
      unsafe (memory.start + 4 * tensor.offset).write(value, .float32)
    }
    vector = unsafe ParameterVector(
      start: memory.start.assumingMemoryBound(to: Float.self), layout: layout)
  }
}

/// Bytes between guards.
@safe final class Memory {
  static let guardBytes = 256
  private let arena: Arena
  private let shift: Int
  let byteCount: Int

  init(byteCount: Int, shift: Int = 0) throws {
    arena = try Arena(byteCount: byteCount + shift + 2 * Memory.guardBytes)
    self.byteCount = byteCount
    self.shift = shift
    unsafe arena.start.fill(0xA5, arena.byteCount)
  }

  convenience init(copying source: UnsafeRawPointer, byteCount: Int) throws {
    try self.init(byteCount: byteCount)
    unsafe start.copyMemory(from: source, byteCount: byteCount)
  }

  func copy() throws -> Memory { try unsafe Memory(copying: start, byteCount: byteCount) }

  var start: UnsafeMutableRawPointer { unsafe arena.start + Memory.guardBytes + shift }
  var bytes: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: start, count: byteCount)) }

  var isGuarded: Bool {
    unsafe arena.start.holds(0xA5, Memory.guardBytes + shift)
      && (start + byteCount).holds(0xA5, Memory.guardBytes)
  }
}

extension RandomPosition {
  static let somewhere = RandomPosition(seed: 7, step: 3, firstSample: 5)
}

extension UnsafeMutableRawPointer {
  func fill(_ byte: UInt8, _ count: Int) {
    unsafe assumingMemoryBound(to: UInt8.self).update(repeating: byte, count: count)
  }

  func holds(_ byte: UInt8, _ count: Int) -> Bool {
    unsafe UnsafeRawBufferPointer(start: self, count: count).allSatisfy { $0 == byte }
  }

  func write(_ tensor: Tensor, _ number: NumberType) {
    for (i, element) in tensor.elements.enumerated() {
      switch number {
      case .float32: unsafe storeBytes(of: Float(element), toByteOffset: 4 * i, as: Float.self)
      case .int32: unsafe storeBytes(of: Int32(element), toByteOffset: 4 * i, as: Int32.self)
      case .uint8: unsafe storeBytes(of: UInt8(element), toByteOffset: i, as: UInt8.self)
      }
    }
  }
}

extension Tensor {
  init(_ type: TensorType, at place: UnsafeRawPointer) {
    self.init(
      type.shape,
      (0..<type.count).map { i in
        switch type.number {
        case .float32: unsafe Double(place.loadUnaligned(fromByteOffset: 4 * i, as: Float.self))
        case .int32: unsafe Double(place.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
        case .uint8: unsafe Double(place.loadUnaligned(fromByteOffset: i, as: UInt8.self))
        }
      })
  }

  var largestMagnitude: Double {
    elements.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  }

  /// The first element that is further than an allowance from another tensor's, in words.
  func disagreement(with other: Tensor, allowance: Double) -> String? {
    difference(from: other, relative: 0, absolute: allowance)
  }
}
