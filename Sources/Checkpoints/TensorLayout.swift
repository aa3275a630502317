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

    package func isIn(_ layers: [String]) -> Bool { layers.contains { name.hasPrefix("\($0)/") } }

    package var count: Int { shape.reduce(1, *) }
    package var range: Range<Int> { offset..<offset + count }
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

  /// The first tensor that another layout has otherwise, and how, but for those of some layers.
  package func difference(from other: TensorLayout, except layers: [String] = []) -> String? {
    let shapes = Dictionary(other.tensors.map { ($0.name, $0.shape) }) { first, _ in first }
    let own = Set(tensors.map(\.name))
    for tensor in tensors where !tensor.isIn(layers) && shapes[tensor.name] != tensor.shape {
      let there = shapes[tensor.name].map { "is \($0)" } ?? "is missing"
      return "'\(tensor.name)' \(there) there, \(tensor.shape) here"
    }
    return other.tensors.first { !$0.isIn(layers) && !own.contains($0.name) }
      .map { "'\($0.name)' is \($0.shape) there, missing here" }
  }

  /// The number of elements that a buffer for all tensors has at least.
  package var count: Int { tensors.map(\.range.upperBound).max() ?? 0 }
}
