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

/// An attribute with its name.
package struct NamedAttribute: Equatable, Sendable {
  package let name: String
  package let value: HDF5Attribute
}

/// An object of an HDF5 file.
package struct HDF5Entry: Equatable, Sendable {
  /// The path from the root group, without a leading slash.
  package let path: String
  package let content: Content

  package enum Content: Equatable, Sendable {
    case group
    /// A dataset of any type; `type` is its name in NumPy or its HDF5 class.
    case dataset(type: String, shape: [Int])
    /// A soft or external link, which is not followed.
    case link
    case other
  }
}
