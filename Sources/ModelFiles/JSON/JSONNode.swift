/// A value of a JSON text and its range of bytes.
struct JSONNode: Sendable {
  let range: Range<Int>
  let content: Content

  enum Content: Sendable {
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

  struct Member: Sendable {
    let key: String
    let value: JSONNode
  }

  /// Its type, for messages.
  var kind: String {
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
