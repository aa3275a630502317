/// One of the arrays that a dataset holds: a part of it belongs to each sample.
package struct Field: Equatable, Sendable {
  /// That of the program input which it is copied to.
  package let name: String
  /// Of one sample's part.
  package let shape: [Int]
  package let number: Dataset.Number
  package let meaning: Meaning

  package enum Meaning: Sendable {
    case samples
    /// Numbers of classes, -1 where a target is ignored.
    case labels
    /// Real numbers, NaN where a target is ignored.
    case targets
    /// How much the loss of a sample counts.
    case weights
    /// What the configuration calls it.
    case named
  }

  package init(_ name: String, _ shape: [Int], _ number: Dataset.Number, _ meaning: Meaning) {
    self.name = name
    self.shape = shape
    self.number = number
    self.meaning = meaning
  }

  /// The numbers in one sample's part.
  package var size: Int { shape.reduce(1, *) }

  /// The bytes of one sample's part.
  package var byteCount: Int { size * number.size }

  /// Whether layers that read it get its numbers normalised as those of samples, which are pixels
  /// in arrays of this shape: it holds pixels in as many dimensions.
  package func isNormalised(besidePixelsOf shape: [Int]) -> Bool {
    number == .uint8 && self.shape.count == shape.count
  }

  /// Names of other inputs of programs, which no field of a configuration can have.
  static let takenNames = [
    "samples", "labels", "targets", "weights", "scale", "noise", "mixture", "label_noise", "share",
  ]

  /// Whether a configuration can give a field this name, which is also a path in a cache.
  static func isName(_ name: String) -> Bool {
    !takenNames.contains(name) && name.utf8.count <= 64
      && name.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }
}

/// A field that the configuration names, with its numbers.
package struct NamedField: Sendable {
  package let field: Field
  let elements: Dataset.Elements

  package init(_ name: String, shape: [Int], _ elements: Dataset.Elements) {
    field = Field(name, shape, elements.number, .named)
    self.elements = elements
  }
}

extension Dataset {
  /// The field of a name; nil if there is none.
  package func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

extension Dataset.Targets {
  /// The field that they are; nil if there are none.
  var field: Field? {
    switch self {
    case .classes(_, _, let shape): Field("labels", shape, .int32, .labels)
    case .values(_, let shape): Field("targets", shape, .float32, .targets)
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
