/// The offset of each tensor, by its name, in one flat buffer of numbers.
///
/// Weights, gradients, moments, programs and files have the same layout.
package struct TensorLayout: Equatable, Sendable {
  package struct Tensor: Equatable, Sendable {
    /// Layers and parameter, separated by slashes: `residual1/conv1/weight`.
    package let name: String
    package let shape: [Int]
    package let offset: Int

    package init(name: String, shape: [Int], offset: Int) {
      self.name = name
      self.shape = shape
      self.offset = offset
    }

    /// The layer's name, with those of the layers around it: `residual1/conv1`.
    package var layer: String { name.lastIndex(of: "/").map { String(name[..<$0]) } ?? "" }

    package func isIn(_ layers: [String]) -> Bool { layers.contains { name.hasPrefix("\($0)/") } }

    package var count: Int { shape.reduce(1, *) }
    package var range: Range<Int> { offset..<offset + count }
  }

  package let tensors: [Tensor]
  /// The index of each name among them.
  private let places: [String: Int]

  package init(_ tensors: [Tensor]) {
    self.tensors = tensors
    places = Dictionary(tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// Tensors one after the other.
  package init(packing tensors: [(name: String, shape: [Int])]) {
    var offset = 0
    var packed: [Tensor] = []
    for (name, shape) in tensors {
      packed.append(Tensor(name: name, shape: shape, offset: offset))
      offset += packed[packed.count - 1].count
    }
    self.init(packed)
  }

  package subscript(name: String) -> Tensor? { places[name].map { tensors[$0] } }

  /// The tensor that an element belongs to.
  package func tensor(at element: Int) -> Tensor? {
    tensors.first { $0.range.contains(element) }
  }

  /// The first difference from another layout, in words; nil if there is none.
  ///
  /// `layers` are left out.
  package func difference(from other: TensorLayout, except layers: [String] = []) -> String? {
    for tensor in tensors where !tensor.isIn(layers) && other[tensor.name]?.shape != tensor.shape {
      let there = (other[tensor.name]?.shape).map { "is \($0)" } ?? "is missing"
      return "'\(tensor.name)' \(there) there, \(tensor.shape) here"
    }
    return other.tensors.first { !$0.isIn(layers) && self[$0.name] == nil }
      .map { "'\($0.name)' is \($0.shape) there, missing here" }
  }

  /// The number of elements of a buffer for all tensors.
  package var count: Int { tensors.map(\.range.upperBound).max() ?? 0 }
}
