internal import Execution
internal import Graphs

/// The parameters of a run in one vector, as programs of all networks and of each see them.
struct ParameterVectors {
  let all: ParameterVector
  let networks: [ParameterVector]
}

extension Design {
  /// The vectors of weights that begin at an address.
  func vectors(at start: UnsafeMutablePointer<Float>) -> ParameterVectors {
    unsafe ParameterVectors(
      all: ParameterVector(start: start, layout: layout),
      networks: learners.map {
        unsafe ParameterVector(start: start, layout: layout, own: $0.elements)
      })
  }
}
