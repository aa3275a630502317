/// A value of a JSON text and its range of bytes.
package struct JSONNode: Sendable {
  package let range: Range<Int>
  package let content: Content

  package enum Content: Sendable {
    case object([Member])
    /// A list without numbers.
    case list([JSONNode])
    /// A list of numbers, or of such lists, with the number of all numbers.
    ///
    /// They are read once the expected number is known.
    case numbers(Int)
    /// A list of numbers and other values, which no model has.
    case mixture
    case text(String)
    case number
    case boolean(Bool)
    case null
  }

  package struct Member: Sendable {
    package let key: String
    package let value: JSONNode
  }

  /// Its type, for messages.
  package var kind: String {
    switch content {
    case .object: "an object"
    case .list(let elements): "a list of \(elements.count)"
    case .numbers(let count): "a list of \(count) numbers"
    case .mixture: "a list of different things"
    case .text: "a text"
    case .number: "a number"
    case .boolean(let isTrue): isTrue ? "true" : "false"
    case .null: "null"
    }
  }
}
