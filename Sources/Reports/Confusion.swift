/// How often targets of each class were taken for each class.
package struct Confusion: Equatable, Sendable {
  /// Beyond so many classes only those with the most mistakes are shown, without the matrix.
  static let tableLimit = 20
  package static let jsonLimit = 100

  package let names: [String]
  /// A row for each class that samples have, in it a number for each class that was found.
  package let counts: [[Int]]

  /// Beyond so many classes nothing is counted.
  package static let limit = 1000

  /// The counts stand row by row: how often each class was taken for each.
  package init(names: [String], counts: [Int]) {
    self.names = names
    self.counts = names.indices.map { Array(counts[$0 * names.count..<($0 + 1) * names.count]) }
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
