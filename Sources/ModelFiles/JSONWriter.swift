internal import Diagnostics
internal import Files
internal import Glibc

/// Writes JSON into a file piece by piece, numbers as the shortest that read back the same.
struct JSONWriter: ~Copyable {
  private let file: FileDescriptor
  private var bytes: [UInt8] = []
  /// Whether a comma comes before what is written next.
  private var isFirst = true

  private static let pieceSize = 1 << 20

  init(creating path: String) throws(Failure) {
    file = try FileDescriptor(path, O_WRONLY | O_CREAT | O_EXCL, "create", otherwise: .cannotCreate)
    bytes.reserveCapacity(Self.pieceSize + 1 << 10)
  }

  /// Writes the rest of the buffer.
  mutating func finish() throws(Failure) {
    put("\n")
    try flush()
  }

  private mutating func flush() throws(Failure) {
    try file.write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func comma() throws(Failure) {
    if !isFirst { put(",") }
    isFirst = false
    if bytes.count >= Self.pieceSize { try flush() }
  }

  // MARK: Structure

  mutating func object(
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) { try enclose("{", "}", body) }

  /// A list with one element on each line.
  mutating func list(
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) { try enclose("[\n", "\n]", body) }

  private mutating func enclose(
    _ opening: String, _ closing: String, _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    try comma()
    put(opening)
    isFirst = true
    try body(&self)
    put(closing)
    isFirst = false
  }

  mutating func member(
    _ key: String, _ value: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    try comma()
    quote(key)
    put(":")
    isFirst = true
    try value(&self)
    isFirst = false
  }

  // MARK: Values

  mutating func member(_ key: String, _ text: String) throws(Failure) {
    try member(key) { json throws(Failure) in json.quote(text) }
  }

  mutating func member(_ key: String, _ isTrue: Bool) throws(Failure) {
    try member(key) { json throws(Failure) in json.put(isTrue ? "true" : "false") }
  }

  mutating func member(_ key: String, _ number: Int) throws(Failure) {
    try member(key) { json throws(Failure) in json.put(number.description) }
  }

  mutating func member(_ key: String, _ number: Double) throws(Failure) {
    try member(key) { json throws(Failure) in json.put(number.description) }
  }

  mutating func member(_ key: String, _ number: Float) throws(Failure) {
    try member(key) { json throws(Failure) in json.put(number.description) }
  }

  mutating func member(_ key: String, _ integers: [Int]) throws(Failure) {
    try member(key) { json throws(Failure) in
      json.put("[\(integers.map(\.description).joined(separator: ","))]")
    }
  }

  /// Numbers, in lists of lists if their lengths are given.
  mutating func member(
    _ key: String, _ numbers: [Float], lists: [Int]? = nil
  ) throws(Failure) {
    try member(key) { json throws(Failure) in
      try json.put(numbers[...], lists: (lists ?? [numbers.count])[...])
    }
  }

  private mutating func put(
    _ numbers: ArraySlice<Float>, lists: ArraySlice<Int>
  ) throws(Failure) {
    put("[")
    let (count, inner) = (lists[lists.startIndex], lists.dropFirst())
    let size = numbers.count / max(1, count)
    for index in 0..<count {
      if index > 0 { put(",") }
      let first = numbers.startIndex + index * size
      if inner.isEmpty {
        put(numbers[first].description)
        if bytes.count >= Self.pieceSize { try flush() }
      } else {
        try put(numbers[first..<first + size], lists: inner)
      }
    }
    put("]")
  }

  private mutating func quote(_ text: String) {
    put("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): put("\\n")
      case 0..<0x20:
        put(byte < 0x10 ? "\\u000" : "\\u00")
        put(String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    put("\"")
  }

  /// Writes the mark of this program.
  mutating func write(_ mark: StoredModel.Mark) throws(Failure) {
    try member("generator", StoredModel.Mark.generator)
    if let loss = mark.loss { try member("loss", loss) }
    if let coding = mark.coding { try member("coding", coding) }
  }
}
