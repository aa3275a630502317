/// A tensor of the reference evaluator: elements in row order.
///
/// Integers are held as the `Double` of the same value.
package struct Tensor: Hashable, Sendable {
  package let shape: Shape
  package var elements: [Double]

  package init(_ shape: Shape, _ elements: [Double]) {
    precondition(elements.count == shape.count, "\(elements.count) elements for \(shape)")
    self.shape = shape
    self.elements = elements
  }

  package init(_ shape: Shape, repeating element: Double) {
    self.init(shape, [Double](repeating: element, count: shape.count))
  }

  package init(_ scalar: Double) { self.init([], [scalar]) }
}
