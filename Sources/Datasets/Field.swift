/// One of the arrays of a dataset, with a part for each sample.
package struct Field: Equatable, Sendable {
  /// Also the name of the program input that it is copied to.
  package let name: String
  /// Of one sample's part.
  package let shape: [Int]
  package let number: Dataset.Number
  package let role: Role
  /// Its numbers are from 0 to one less than this, if they name rows of a table.
  package let entries: Int?

  package enum Role: Sendable {
    case samples
    /// Class indices, -1 where a target is ignored.
    case labels
    /// Real numbers, NaN where a target is ignored.
    case targets
    /// Of the samples' losses.
    case weights
    /// Any other array.
    case named
  }

  package init(
    _ name: String, _ shape: [Int], _ number: Dataset.Number, _ role: Role, entries: Int? = nil
  ) {
    self.name = name
    self.shape = shape
    self.number = number
    self.role = role
    self.entries = entries
  }

  /// The numbers in one sample's part.
  package var size: Int { shape.reduce(1, *) }

  /// The bytes of one sample's part.
  package var byteCount: Int { size * number.size }

  /// Whether layers that read the field see its numbers normalised as those of the samples, which
  /// are pixels in arrays of this shape: if it holds pixels in as many dimensions.
  package func isNormalised(besidePixelsOf shape: [Int]) -> Bool {
    number == .uint8 && self.shape.count == shape.count
  }

  /// Names of other program inputs, which no named field can have.
  static let reservedNames = [
    "samples", "labels", "targets", "weights", "scale", "noise", "mixture", "label_noise", "share",
  ]

  /// Whether a named field can have this name, which is also a path in a cache.
  static func isName(_ name: String) -> Bool {
    !reservedNames.contains(name) && name.utf8.count <= 64
      && name.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }
}

/// An array of a dataset besides samples, targets and weights.
package struct NamedField: Sendable {
  package let field: Field
  let elements: Dataset.Elements

  package init(
    _ name: String, shape: [Int], _ elements: Dataset.Elements, entries: Int? = nil
  ) {
    field = Field(name, shape, elements.number, .named, entries: entries)
    self.elements = elements
  }
}

extension Dataset {
  /// The field of a name.
  package func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

extension Dataset.Targets {
  /// The targets as a field.
  var field: Field? {
    switch self {
    case .classes(_, _, let shape): Field("labels", shape, .int32, .labels)
    case .values(_, let shape): Field("targets", shape, .float32, .targets)
    case .next: Field("labels", shape, .int32, .labels)
    case .none: nil
    }
  }
}

extension [Field] {
  /// For messages: `mask (28x28 uint8)`.
  var text: String {
    isEmpty
      ? "none"
      : map { "\($0.name) (\($0.shape.isEmpty ? "1" : $0.shape.text) \($0.number.rawValue))" }
        .joined(separator: ", ")
  }
}
