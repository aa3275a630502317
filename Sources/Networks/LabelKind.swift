/// What the data says about each sample, for a model to learn.
package enum LabelKind: Hashable, Sendable, CustomStringConvertible {
  /// The number of its class, out of so many: the input `labels`.
  case classes(Int)
  /// So many real numbers: the input `targets`.
  case values(Int)

  /// How many outputs a model needs.
  package var width: Int {
    switch self {
    case .classes(let count), .values(let count): count
    }
  }

  package var description: String {
    switch self {
    case .classes(let count): "\(count) classes"
    case .values(let count): "\(count) targets a sample"
    }
  }
}
