internal import Elementary
package import Graphs
internal import Randomness

/// A tensor that belongs to a network, in PyTorch's shape: dense `[out, in]`, conv `[out, in, h,
/// w]`.
package struct Parameter: Hashable, Sendable {
  /// The layer's name and its own: `conv1/weight`.
  package let name: String
  package let shape: Shape
  package let role: Role
  /// What its elements are at the start of a run.
  package let distribution: Distribution
  /// What must hold of each of its rows after every step.
  package private(set) var constraint: WeightConstraint?
  /// Whether weight decay and penalties apply to it: to matrices, not to vectors (biases and the
  /// scales of norms) and not to what a layer exempts.
  package private(set) var decays = false
  /// Its place among the network's parameters of its kind: it has random numbers of its own.
  package let number: Int

  /// How a parameter changes.
  package enum Role: Hashable, Sendable {
    /// By an optimiser, along its gradient.
    case trained
    /// Not at all.
    case frozen
    /// Each step takes it a share of the way to its value in the batch; nothing learns it.
    case average(momentum: Double)
  }

  package var count: Int { shape.count }

  /// The same under another constraint.
  func constrained(by constraint: WeightConstraint) -> Parameter {
    var parameter = self
    parameter.constraint = constraint
    return parameter
  }

  /// The same average with another momentum.
  func averaged(momentum: Double) -> Parameter {
    Parameter(
      name: name, shape: shape, role: .average(momentum: momentum), distribution: distribution,
      constraint: constraint, number: number)
  }

  /// Its name in its layer.
  var lastName: String { String(name.split(separator: "/").last ?? "") }

  /// Fills memory with the elements from `first` on, as they are at the start of a run.
  ///
  /// Each is a function of the seed, the parameter's number and its own index alone.
  package func initialise(
    _ elements: UnsafeMutableBufferPointer<Float>, from first: Int = 0, seed: UInt64
  ) {
    let stream = RandomStream(seed: seed, purpose: .initialisation, unit: UInt16(number))
    switch distribution {
    case .constant(let value):
      unsafe elements.update(repeating: Float(value))
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
    case .logarithmsOfPlaces:
      let columns = count / shape[0]
      for i in elements.indices {
        unsafe elements[i] = Float(Double.log(Double((first + i) % columns + 1)))
      }
    case .inverseSoftplus(let low, let high):
      unsafe stream.fill(uniform: elements, from: first)
      let (start, range) = (Double.log(low), Double.log(high) - Double.log(low))
      for i in elements.indices {
        let number = unsafe Double.exp(start + range * Double(elements[i]))
        unsafe elements[i] = Float(number + .log(-Double.expMinusOne(-number)))
      }
    case .orthogonal(let gain, let parts):
      let (rows, columns) = (shape[0] / parts, count / shape[0])
      let matrices = (0..<parts).map { part in
        OrthogonalMatrix(
          count: min(rows, columns), length: max(rows, columns), from: stream,
          at: part * rows * columns)
      }
      for i in elements.indices {
        let (part, place) = (first + i).quotientAndRemainder(dividingBy: rows * columns)
        let (row, column) = place.quotientAndRemainder(dividingBy: columns)
        unsafe elements[i] = Float(
          gain * (rows <= columns ? matrices[part][row, column] : matrices[part][column, row]))
      }
    }
  }
}

/// The parameters of a network: those that are trained, then those that are frozen, then averages.
extension [Parameter] {
  package var trained: [Parameter] { filter { $0.role == .trained } }

  /// How many numbers they hold.
  package var elementCount: Int { reduce(0) { $0 + $1.count } }

  /// Where each stands, one after the other.
  package var layout: TensorLayout {
    TensorLayout(packing: map { ($0.name, $0.shape.extents) })
  }
}
