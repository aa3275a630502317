/// A value of a JSON text, and the bytes that it stands in.
struct JSONNode: Sendable {
  let range: Range<Int>
  let content: Content

  enum Content: Sendable {
    case object([Member])
    /// A list without numbers.
    case list([JSONNode])
    /// A list of numbers, or of such lists, with so many numbers in all.
    ///
    /// They are read when it is known how many are expected.
    case numbers(Int)
    /// A list of numbers and other things, which means nothing in a model.
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

  /// What it is, for messages.
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
