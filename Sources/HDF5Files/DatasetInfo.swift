/// The shape and element type of a dataset.
package struct DatasetInfo: Equatable, Sendable, CustomStringConvertible {
  package let shape: [Int]
  package let elementType: ElementType
  /// The number of elements.
  package let count: Int

  package var description: String { "\(elementType) \(shape)" }
}

/// A member of a group.
package struct HDF5Member: Equatable, Sendable {
  package let name: String
  package let isGroup: Bool
}
