internal import Execution
internal import Graphs

/// The parameters of a run in one vector, as programs of all networks and of each see them; packed
/// once for all.
struct ParameterVectors {
  let all: ParameterVector
  let networks: [ParameterVector]
}

extension Design {
  /// The vectors of weights that begin at an address.
  func vectors(at start: UnsafeMutablePointer<Float>) -> ParameterVectors {
    let packed = PackedWeights()
    return unsafe ParameterVectors(
      all: ParameterVector(start: start, layout: layout, packed: packed),
      networks: learners.map {
        unsafe ParameterVector(start: start, layout: layout, own: $0.elements, packed: packed)
      })
  }
}
