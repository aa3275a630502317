internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs

/// The gradient that the fast engine computes for some samples.
struct EngineGradient {
  private let executable: any Executable
  private let session: any Session
  private let position: RandomPosition
  private let gradient: Arena
  private let count: Int

  /// Follows the weights of `state` wherever they go.
  init(
    _ program: Program, of state: ModelState, on samples: ArraySlice<Int32>, from dataset: Dataset,
    random position: RandomPosition
  ) throws(Failure) {
    executable = try Engine.onednn.prepare(program, parameters: state.vector)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    self.position = position
    count = state.count
    gradient = try Arena(byteCount: 4 * count)
    if let input = unsafe session.input("samples") {
      unsafe dataset.copy(
        samples: samples,
        into: UnsafeMutableRawBufferPointer(
          start: input, count: samples.count * dataset.sampleBytes))
    }
    if let labels = unsafe session.input("labels") {
      unsafe dataset.copy(
        labels: samples,
        into: UnsafeMutableBufferPointer(
          start: labels.assumingMemoryBound(to: Int32.self), count: samples.count))
    }
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
  /// Samples and labels as the reference evaluator takes them.
  func tensors(_ samples: ArraySlice<Int32>) -> [String: Tensor] {
    let shape = Shape([samples.count] + self.shape)
    let numbers: [Double]
    switch elements {
    case .bytes:
      numbers = copied(samples, UInt8(0)).map(Double.init)
    case .floats:
      numbers = copied(samples, Float(0)).map(Double.init)
    }
    var labels = [Int32](repeating: 0, count: samples.count)
    unsafe labels.withUnsafeMutableBufferPointer { unsafe copy(labels: samples, into: $0) }
    return [
      "samples": Tensor(shape, numbers),
      "labels": Tensor([samples.count], labels.map(Double.init)),
    ]
  }

  private func copied<Element>(_ samples: ArraySlice<Int32>, _ zero: Element) -> [Element] {
    var numbers = [Element](repeating: zero, count: samples.count * sampleSize)
    unsafe numbers.withUnsafeMutableBytes { unsafe copy(samples: samples, into: $0) }
    return numbers
  }
}
