/// How often samples of each class were taken for each class.
package struct Confusion: Equatable, Sendable {
  /// Beyond so many classes only those with the most mistakes are shown, without the matrix.
  static let tableLimit = 20
  package static let jsonLimit = 100

  package let names: [String]
  /// A row for each class that samples have, in it a number for each class that was found.
  package private(set) var counts: [[Int]]

  /// Of each sample, the class that it has and the one that was found.
  package init(names: [String], labels: [Int32], found: [Int32]) {
    self.names = names
    counts = names.map { _ in names.map { _ in 0 } }
    for (label, found) in zip(labels, found) { counts[Int(label)][Int(found)] += 1 }
  }

  package func samples(of label: Int) -> Int { counts[label].reduce(0, +) }

  /// The share of a class's samples that were found; nil if it has none.
  package func recall(of label: Int) -> Double? {
    share(counts[label][label], of: samples(of: label))
  }

  /// The share of those taken for a class that are of it; nil if none was.
  package func precision(of label: Int) -> Double? {
    share(counts[label][label], of: counts.reduce(0) { $0 + $1[label] })
  }

  private func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }

  /// The members of an object: `classes`, and `confusion` where there are not too many.
  package var members: [(String, JSONValue)] {
    let classes = names.indices.map { label in
      JSONValue.object([
        ("name", .string(names[label])), ("samples", .integer(samples(of: label))),
        ("precision", .number(precision(of: label))), ("recall", .number(recall(of: label))),
      ])
    }
    let rows = counts.map { row in JSONValue.array(row.map { .integer($0) }) }
    return [
      ("classes", .array(classes)),
      ("confusion", names.count <= Self.jsonLimit ? .array(rows) : .null),
    ]
  }
}
