internal import Diagnostics

/// The number of samples of each class.
package struct ClassCounts: Equatable, Sendable {
  package let names: [String]
  package let counts: [Int]

  /// The names with their numbers, up to this many classes: "setosa 40, versicolor 40".
  package func text(limit: Int = 10) -> String {
    guard names.count <= limit else { return "in \(names.count.grouped) classes" }
    return zip(names, counts).map { "\($0) \($1.grouped)" }.joined(separator: ", ")
  }
}
