internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels

/// The gradient that the fast engine computes for some samples.
struct EngineGradient {
  private let executable: any Executable
  private let session: any Session
  private let position: RandomPosition
  private let gradient: Arena
  private let count: Int

  /// Follows the weights of `state` wherever they go.
  init(
    _ program: Program, by engine: Engine, isa: InstructionSet, of state: ModelState,
    on samples: ArraySlice<Int32>, from dataset: Dataset,
    random position: RandomPosition
  ) throws(Failure) {
    executable = try engine.prepare(program, parameters: state.vector, isa: isa)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    self.position = position
    count = state.count
    gradient = try Arena(byteCount: 4 * count)
    let loader = BatchLoader(inOrder: dataset)
    loader.load(Batch(samples: samples))
    session.write(0..<samples.count, of: loader)
    if let failure = loader.failure { throw failure }
    unsafe session.input("scale")?.storeBytes(of: 1 / Float(samples.count), as: Float.self)
  }

  /// The gradient at the weights as they are now, laid out as they are.
  func compute() -> [Double] {
    executable.refresh()
    let floats = unsafe gradient.start.bindMemory(to: Float.self, capacity: count)
    unsafe session.run(position, gradient: floats)
    return (0..<count).map { unsafe Double(floats[$0]) }
  }
}

extension Dataset {
  /// Samples, targets and weights as the reference evaluator takes them; `convert` is how it reads a float.
  func tensors(
    _ samples: ArraySlice<Int32>, convert: (Float) -> Double = { Double($0) }
  ) throws(Failure) -> [String: Tensor] {
    let count = samples.count
    let numbers: [Double] =
      switch elements.number {
      case .uint8:
        try unsafe filled(count * sampleSize, UInt8(0)) { bytes throws(Failure) in
          try unsafe copy(samples: samples, into: bytes)
        }.map(Double.init)
      case .float32:
        try unsafe filled(count * sampleSize, Float(0)) { bytes throws(Failure) in
          try unsafe copy(samples: samples, into: bytes)
        }.map(convert)
      }
    let answers: Tensor =
      switch targets {
      case .classes:
        Tensor(
          [count],
          try unsafe filled(count, Int32(0)) { unsafe copy(targets: samples, into: $0) }.map(
            Double.init))
      case .values(_, let width):
        Tensor(
          [count, width],
          try unsafe filled(count * width, Float(0)) { unsafe copy(targets: samples, into: $0) }
            .map(convert))
      }
    var tensors = ["samples": Tensor(Shape([count] + shape), numbers), targetInput: answers]
    if isWeighted {
      let weights = try unsafe filled(count, Float(0)) { unsafe copy(weights: samples, into: $0) }
      tensors["weights"] = Tensor([count], weights.map(convert))
    }
    return tensors
  }
}

/// An array whose elements someone else writes.
private func filled<Element>(
  _ count: Int, _ zero: Element, by write: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
) throws(Failure) -> [Element] {
  var elements = [Element](repeating: zero, count: count)
  try unsafe elements.withUnsafeMutableBufferPointer { elements throws(Failure) in
    try unsafe write(UnsafeMutableRawBufferPointer(elements))
  }
  return elements
}
