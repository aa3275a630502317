import Graphs

extension Tensor {
  /// The tensor whose elements a function gives, by their indices.
  init(_ shape: Shape, _ element: ([Int]) -> Double) {
    self.init(
      shape,
      (0..<shape.count).map { place in
        var (index, rest) = ([Int](repeating: 0, count: shape.rank), place)
        for axis in (0..<shape.rank).reversed() {
          index[axis] = rest % shape[axis]
          rest /= shape[axis]
        }
        return element(index)
      })
  }

  subscript(index: [Int]) -> Double {
    elements[zip(index, shape.extents).reduce(0) { $0 * $1.1 + $1.0 }]
  }
}
