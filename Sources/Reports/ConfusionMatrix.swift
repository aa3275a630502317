/// A confusion matrix: the number of targets of each class by predicted class.
package struct ConfusionMatrix: Equatable, Sendable {
  /// With more classes, only those with the most errors are shown, without the matrix.
  static let tableLimit = 20
  package static let jsonLimit = 100

  package let names: [String]
  /// A row for each target class, with a count for each predicted class.
  package let counts: [[Int]]

  /// With more classes, no matrix is counted.
  package static let limit = 1000

  /// Creates a matrix from counts in row-major order.
  package init(names: [String], counts: [Int]) {
    self.names = names
    self.counts = names.indices.map { Array(counts[$0 * names.count..<($0 + 1) * names.count]) }
  }

  package func samples(of label: Int) -> Int { counts[label].reduce(0, +) }

  /// Returns true positives / (true positives + false negatives); nil if the class has no samples.
  package func recall(of label: Int) -> Double? {
    share(counts[label][label], of: samples(of: label))
  }

  /// Returns true positives / (true positives + false positives); nil if it was never predicted.
  package func precision(of label: Int) -> Double? {
    share(counts[label][label], of: counts.reduce(0) { $0 + $1[label] })
  }

  /// Returns the harmonic mean of precision and recall; nil if no target is of the class or taken
  /// for it.
  package func f1(of label: Int) -> Double? {
    share(2 * counts[label][label], of: samples(of: label) + counts.reduce(0) { $0 + $1[label] })
  }

  private func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }

  /// The members of a JSON object: `classes`, and `confusion`, which is null for many classes.
  ///
  /// `areas` are those under the ROC curve of each class, if they are known.
  package func members(areas: [Double?]? = nil) -> [(String, JSONValue)] {
    let classes = names.indices.map { label in
      JSONValue.object(
        [
          ("name", .string(names[label])), ("samples", .integer(samples(of: label))),
          ("precision", .number(precision(of: label))), ("recall", .number(recall(of: label))),
          ("f1", .number(f1(of: label))),
        ] + (areas.map { [("auc", .number($0[label]))] } ?? []))
    }
    let rows = counts.map { row in JSONValue.array(row.map { .integer($0) }) }
    return [
      ("classes", .array(classes)),
      ("confusion", names.count <= Self.jsonLimit ? .array(rows) : .null),
    ]
  }
}
