/// Where each tensor lies in one flat buffer of numbers.
package struct TensorLayout: Equatable, Sendable {
  package struct Tensor: Equatable, Sendable {
    /// Layer and parameter with slashes between: `residual1/conv1/weight`.
    package let name: String
    package let shape: [Int]
    package let offset: Int

    package init(name: String, shape: [Int], offset: Int) {
      self.name = name
      self.shape = shape
      self.offset = offset
    }

    /// The layer's name, after those of the layers around it: `residual1/conv1`.
    package var layer: String { name.lastIndex(of: "/").map { String(name[..<$0]) } ?? "" }

    func isIn(_ layers: [String]) -> Bool { layers.contains { name.hasPrefix("\($0)/") } }

    package var count: Int { shape.reduce(1, *) }
    var range: Range<Int> { offset..<offset + count }
  }

  package let tensors: [Tensor]

  package init(_ tensors: [Tensor]) { self.tensors = tensors }

  /// Tensors that lie one after the other.
  package init(packing tensors: [(name: String, shape: [Int])]) {
    var offset = 0
    var packed: [Tensor] = []
    for (name, shape) in tensors {
      packed.append(Tensor(name: name, shape: shape, offset: offset))
      offset += packed[packed.count - 1].count
    }
    self.tensors = packed
  }

  /// The number of elements that a buffer for all tensors has at least.
  package var count: Int { tensors.map(\.range.upperBound).max() ?? 0 }
}
