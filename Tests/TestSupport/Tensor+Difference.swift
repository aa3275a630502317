package import Graphs

extension Tensor {
  /// The first element in which another tensor does not agree, in words; nil if there is none.
  ///
  /// NaN agrees with NaN.
  package func difference(
    from other: Tensor, relative: Double = 1e-9, absolute: Double = 1e-12
  ) -> String? {
    if shape != other.shape { return "shape \(shape), not \(other.shape)" }
    for (index, (a, b)) in zip(elements, other.elements).enumerated() {
      let agree =
        a.isNaN ? b.isNaN : isClose(a, b, relative: relative, absolute: absolute)
      if !agree { return "element \(index) is \(a), not \(b)" }
    }
    return nil
  }
}
