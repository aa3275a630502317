internal import Graphs
internal import Randomness

/// A derivative that is compared with a difference: along one element of a parameter, or along a
/// random direction.
struct GradientProbe {
  enum Kind {
    case direction
    case element(Int)
    /// The n-th random element.
    case drawnElement(Int)
  }

  let parameter: Int
  let kind: Kind

  /// The most elements of a parameter that are probed.
  private static let elements = 16

  /// The probes of a parameter: a direction, and 16 elements or all of them.
  static func all(of parameter: Int, count: Int, everyElement: Bool) -> [GradientProbe] {
    let kinds: [Kind] =
      everyElement || count <= elements
      ? (0..<count).map { .element($0) } : (0..<elements).map { .drawnElement($0) }
    return ([.direction] + kinds).map { GradientProbe(parameter: parameter, kind: $0) }
  }

  /// The number of directions or elements that may be tried.
  var draws: Int {
    if case .element = kind { 1 } else { 4 }
  }

  func line(draw: Int, count: Int, seed: UInt64) -> Line {
    let stream = RandomStream(
      seed: seed, purpose: .probe, unit: UInt16(truncatingIfNeeded: parameter),
      major: UInt64(draw))
    switch kind {
    case .element(let element): return .element(element)
    case .drawnElement(let number): return .element(stream.integer(below: count, at: number))
    case .direction:
      // The first numbers of the stream choose elements.
      let first = 4 * GradientProbe.elements
      let direction = (0..<count).map { 2 * stream.uniformDouble(at: first + $0) - 1 }
      let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return .direction(direction.map { $0 / norm })
    }
  }

  /// A unit vector in the space of a parameter.
  enum Line {
    case element(Int)
    case direction([Double])

    /// The coordinate of a point along the line.
    func coordinate(of point: [Double]) -> Double {
      switch self {
      case .element(let element): point[element]
      case .direction(let direction): zip(direction, point).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }

    func moved(_ tensor: Tensor, by distance: Double) -> Tensor {
      var tensor = tensor
      switch self {
      case .element(let element): tensor.elements[element] += distance
      case .direction(let direction):
        for i in direction.indices { tensor.elements[i] += distance * direction[i] }
      }
      return tensor
    }
  }
}
