package import Graphs

/// A computation step by step, with all numbers.
package struct Explanation: Sendable {
  package let title: String
  package var sections: [Section]

  package init(_ title: String, _ sections: [Section]) {
    self.title = title
    self.sections = sections
  }

  /// The entries under one heading.
  package struct Section: Sendable {
    package let title: String
    package let notes: [String]
    /// A row of titles, and rows of numbers.
    package let table: [[String]]
    package var entries: [Entry]

    package init(
      _ title: String, notes: [String] = [], table: [[String]] = [], _ entries: [Entry]
    ) {
      self.title = title
      self.notes = notes
      self.table = table
      self.entries = entries
    }
  }

  /// The computation of one tensor.
  package struct Entry: Sendable {
    /// The name of the tensor, also if the entry is about its derivative.
    package let tensor: String
    package let symbol: Formula
    /// The rule.
    package let reason: String?
    /// The formula of the tensor as a whole.
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
    /// For a tensor with too many elements.
    case summary(shape: Shape, least: Double, greatest: Double, norm: Double)
    /// For numbers that other entries show.
    case none
  }

  /// One number.
  package struct Element: Sendable {
    /// Its index in the tensor, or the name of its column; empty for a scalar.
    package let index: [String]
    /// The sides of its equation; the last is the number.
    package let equals: [Formula]

    package init(_ index: [String], _ equals: [Formula]) {
      self.index = index
      self.equals = equals
    }
  }

  /// The explanation with the selected entries only.
  package func only(_ selection: Selection) -> Explanation {
    guard selection != .all else { return self }
    return Explanation(
      title,
      sections.compactMap { section in
        let entries = section.entries.filter { selection.singles(out: $0.tensor) }
        return entries.isEmpty ? nil : Section(section.title, notes: section.notes, entries)
      })
  }
}

extension Explanation.Content {
  /// A tensor with more elements is summarised by its shape and range.
  private static let limit = 32

  /// The numbers of a tensor: one by one with their formulas, or a summary if there are many.
  ///
  /// `names` are those of the last axis, if it has as many; `only` says which numbers are shown.
  package static func shown(
    _ numbers: [Double], shape: Shape, names: [String] = [], inFull: Bool = false,
    only isShown: ((Int) -> Bool)? = nil, _ formula: (Int) -> Formula
  ) -> Explanation.Content {
    // Equal numbers, such as zeros at the start, are summarised too.
    let isUniform =
      numbers.count > 4 && numbers.allSatisfy { $0 == numbers[0] }
      && numbers.indices.allSatisfy { formula($0) == .number(numbers[$0]) }
    guard inFull || numbers.count <= limit && !isUniform else {
      return .summary(
        shape: shape, least: numbers.min() ?? 0, greatest: numbers.max() ?? 0,
        norm: numbers.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
    var axes = shape.extents.map { extent in (0..<extent).map { "\($0)" } }
    if axes.last?.count == names.count { axes[axes.count - 1] = names }
    let indices = axes.reduce([[]]) { places, axis in
      places.flatMap { place in axis.map { place + [$0] } }
    }
    return .elements(
      numbers.indices.filter { isShown?($0) ?? true }.map { element in
        let (formula, result) = (formula(element), Formula.number(numbers[element]))
        return Explanation.Element(
          indices[element], formula == result ? [result] : [formula, result])
      })
  }
}
