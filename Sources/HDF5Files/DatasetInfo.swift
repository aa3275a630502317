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

/// What stands at a path of an HDF5 file, whoever wrote it.
package struct HDF5Entry: Equatable, Sendable {
  /// Names with slashes between them, from the top.
  package let path: String
  package let content: Content

  package enum Content: Equatable, Sendable {
    case group
    /// Numbers or anything else, as `type` says.
    case dataset(type: String, shape: [Int])
    /// To another place or file; it is not followed.
    case link
    case other
  }
}
