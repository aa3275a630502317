package import Graphs

/// A computation told step by step, with every number.
package struct Explanation: Sendable {
  package let title: String
  package var sections: [Section]

  package init(_ title: String, _ sections: [Section]) {
    self.title = title
    self.sections = sections
  }

  /// What is told under one heading.
  package struct Section: Sendable {
    package let title: String
    package let notes: [String]
    package var entries: [Entry]

    package init(_ title: String, notes: [String] = [], _ entries: [Entry]) {
      self.title = title
      self.notes = notes
      self.entries = entries
    }
  }

  /// How one tensor is made.
  package struct Entry: Sendable {
    /// The tensor that it is about; its derivative counts as well.
    package let tensor: String
    package let symbol: Formula
    /// Why it is so: the rule, and what it was applied to.
    package let reason: String?
    /// What the symbol is equal to, as a whole.
    package let formula: Formula?
    package let content: Content

    package init(
      _ tensor: String, _ symbol: Formula, reason: String? = nil, formula: Formula? = nil,
      _ content: Content
    ) {
      self.tensor = tensor
      self.symbol = symbol
      self.reason = reason
      self.formula = formula
      self.content = content
    }
  }

  package enum Content: Sendable {
    case elements([Element])
    /// Of a tensor that is too large to be printed.
    case summary(shape: Shape, least: Double, greatest: Double, norm: Double)
    /// Numbers that stand elsewhere already.
    case none
  }

  /// One number.
  package struct Element: Sendable {
    /// Its place in the tensor; empty for a scalar.
    package let index: [Int]
    /// What it is equal to, one after the other; the last is the number itself.
    package let equals: [Formula]

    package init(_ index: [Int], _ equals: [Formula]) {
      self.index = index
      self.equals = equals
    }
  }

  /// The entries that are about one tensor.
  package func only(_ tensor: String) -> Explanation {
    Explanation(
      title,
      sections.compactMap { section in
        let entries = section.entries.filter { $0.tensor == tensor }
        return entries.isEmpty ? nil : Section(section.title, notes: section.notes, entries)
      })
  }
}

extension Explanation.Content {
  /// Beyond so many elements a tensor is told by its shape and range.
  private static let limit = 32

  /// The numbers of a tensor, one by one with their formulas, or in short if they are many.
  package static func told(
    _ numbers: [Double], shape: Shape, inFull: Bool = false, _ formula: (Int) -> Formula
  ) -> Explanation.Content {
    // Equal numbers, such as zeros at the start, are as well told at once.
    let isUniform =
      numbers.count > 4 && numbers.allSatisfy { $0 == numbers[0] }
      && numbers.indices.allSatisfy { formula($0) == .number(numbers[$0]) }
    guard inFull || numbers.count <= limit && !isUniform else {
      return .summary(
        shape: shape, least: numbers.min() ?? 0, greatest: numbers.max() ?? 0,
        norm: numbers.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
    let indices: [[Int]] = shape.extents.reduce([[]]) { places, extent in
      places.flatMap { place in (0..<extent).map { place + [$0] } }
    }
    return .elements(
      numbers.indices.map { element in
        let (formula, result) = (formula(element), Formula.number(numbers[element]))
        return Explanation.Element(
          indices[element], formula == result ? [result] : [formula, result])
      })
  }
}
