package import Graphs
internal import Randomness

/// A tensor that a network learns, in PyTorch's shape: dense `[out, in]`, conv `[out, in, h, w]`.
package struct Parameter: Hashable, Sendable {
  /// The layer's name and its own: `conv1/weight`.
  package let name: String
  package let shape: Shape
  /// What its elements are at the start of a run.
  package let distribution: Distribution
  /// Whether it keeps these elements: nothing follows a gradient, which is zero.
  package let isFrozen: Bool
  /// Its place among the network's parameters: it has random numbers of its own.
  package let number: Int

  package var count: Int { shape.count }

  /// Fills memory with the elements from `first` on, as they are at the start of a run.
  ///
  /// Each is a function of the seed, the parameter's number and its own index alone.
  package func initialise(
    _ elements: UnsafeMutableBufferPointer<Float>, from first: Int = 0, seed: UInt64
  ) {
    let stream = RandomStream(seed: seed, purpose: .initialisation, unit: UInt16(number))
    switch distribution {
    case .zeros:
      unsafe elements.update(repeating: 0)
    case .given(let numbers):
      for i in elements.indices { unsafe elements[i] = numbers[first + i] }
    case .uniform(let bound):
      unsafe stream.fill(uniform: elements, from: first)
      let bound = Float(bound)
      for i in elements.indices { unsafe elements[i] = bound * (2 * elements[i] - 1) }
    case .normal(let deviation):
      unsafe stream.fill(normal: elements, from: first)
      let deviation = Float(deviation)
      for i in elements.indices { unsafe elements[i] *= deviation }
    }
  }
}
