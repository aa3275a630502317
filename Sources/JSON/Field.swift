package import Diagnostics

/// A value in a model file with the keys that lead to it: `layers[2].weights`.
package struct Field {
  package let text: JSONText
  package let path: String
  package let node: JSONNode

  package init(_ text: JSONText) throws(Failure) {
    self.init(text, "", try JSONParser.parse(text))
  }

  private init(_ text: JSONText, _ path: String, _ node: JSONNode) {
    self.text = text
    self.path = path
    self.node = node
  }

  package func failure(_ message: String) -> Failure {
    text.failure(at: node.range.lowerBound, path.isEmpty ? message : "\(path): \(message)")
  }

  private func mismatch(_ expected: String) -> Failure {
    failure("expected \(expected), found \(shown)")
  }

  private var shown: String {
    switch node.content {
    case .text(let text): quoted(text)
    case .number: String(decoding: text.bytes[node.range].prefix(40), as: UTF8.self)
    default: node.kind
    }
  }

  // MARK: Members and elements

  /// The member of a name; nil if there is none, or null.
  package func optional(_ key: String) throws(Failure) -> Field? {
    guard case .object(let members) = node.content else { throw mismatch("an object") }
    guard let member = members.first(where: { $0.key == key }) else { return nil }
    if case .null = member.value.content { return nil }
    return Field(text, path.isEmpty ? key : "\(path).\(key)", member.value)
  }

  package func required(_ key: String) throws(Failure) -> Field {
    if let field = try optional(key) { return field }
    guard case .object(let members) = node.content else { throw mismatch("an object") }
    let found = members.prefix(12).map { quoted($0.key) }.joined(separator: ", ")
    throw failure(
      "expected a key '\(key)', found \(found)" + (members.count > 12 ? ", ..." : ""))
  }

  package func has(_ key: String) -> Bool { ((try? optional(key)) ?? nil) != nil }

  /// The elements of a list that are no numbers.
  package func elements(_ what: String, _ count: ClosedRange<Int>) throws(Failure) -> [Field] {
    let nodes: [JSONNode]
    switch node.content {
    case .list(let list): nodes = list
    case .numbers(0): nodes = []
    default: throw mismatch("a list of \(what)")
    }
    guard count.contains(nodes.count) else {
      throw mismatch(
        count.count == 1
          ? "\(count.lowerBound) \(what)"
          : "from \(count.lowerBound.grouped) to \(count.upperBound.grouped) \(what)")
    }
    return nodes.enumerated().map { Field(text, "\(path)[\($0)]", $1) }
  }

  // MARK: Plain values

  package func text(_ what: String = "a text") throws(Failure) -> String {
    guard case .text(let text) = node.content else { throw mismatch(what) }
    return text
  }

  package func boolean() throws(Failure) -> Bool {
    guard case .boolean(let isTrue) = node.content else { throw mismatch("true or false") }
    return isTrue
  }

  /// A whole number; `3.0` is one.
  package func integer(in range: ClosedRange<Int>) throws(Failure) -> Int {
    let what = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard case .number = node.content else { throw mismatch(what) }
    let digits = String(decoding: text.bytes[node.range], as: UTF8.self)
    guard let number = Int(digits) ?? Double(digits).flatMap({ Int(exactly: $0) }),
      range.contains(number)
    else { throw mismatch(what) }
    return number
  }

  /// A number within the range of floats.
  package func number() throws(Failure) -> Double {
    guard case .number = node.content,
      let number = Double(String(decoding: text.bytes[node.range], as: UTF8.self)),
      Float(number).isFinite
    else { throw mismatch("a number that a 32-bit float can hold") }
    return number
  }

  // MARK: Lists of numbers

  /// The number of numbers; nil if it is not a list of numbers or of such lists.
  package var numberCount: Int? {
    if case .numbers(let count) = node.content { count } else { nil }
  }

  /// The expected number of numbers, in lists of any form.
  package func floats(_ count: Int, _ what: @autoclosure () -> String) throws(Failure) -> [Float] {
    guard case .numbers(count) = node.content else {
      throw mismatch("\(count) numbers, \(what())")
    }
    var numbers: [Float] = []
    numbers.reserveCapacity(count)
    let bytes = text.bytes
    var place = node.range.lowerBound
    while numbers.count < count {
      let byte = bytes[place]
      guard byte &- 0x30 < 10 || byte == UInt8(ascii: "-") else {
        place += 1
        continue
      }
      let start = place
      let number = DecimalNumber.float(in: bytes, from: &place)
      guard number.isFinite else {
        let digits = String(decoding: bytes[start..<place].prefix(40), as: UTF8.self)
        throw text.failure(
          at: start, "\(path): expected a number that a 32-bit float can hold, found \(digits)")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The lengths of lists within lists, all of one length on each level; `[]` has the lengths 0.
  package func shape(rank: Int) throws(Failure) -> [Int] {
    guard numberCount != nil else { throw mismatch("\(rank) lists of numbers in each other") }
    var lengths = [Int](repeating: -1, count: rank)
    var open: [Int] = []
    var isNumber = false
    // The syntax was checked, so brackets, commas and digits are enough.
    for offset in node.range {
      let byte = text.bytes[offset]
      let isDigit = byte &- 0x30 < 10
      switch byte {
      case UInt8(ascii: "["):
        guard open.count < rank else { throw misshapen(offset, rank) }
        if !open.isEmpty { open[open.count - 1] += 1 }
        open.append(0)
      case UInt8(ascii: "]"):
        let level = open.count - 1
        guard lengths[level] < 0 || lengths[level] == open[level] else {
          throw text.failure(
            at: offset,
            "\(path): expected lists of one length, found one of \(open[level]) after "
              + "\(lengths[level])")
        }
        lengths[level] = open[level]
        open.removeLast()
      case _ where isDigit && !isNumber:
        guard open.count == rank else { throw misshapen(offset, rank) }
        open[rank - 1] += 1
      default: break
      }
      isNumber = isDigit || isNumber && !isSeparator(byte)
    }
    return lengths.map { max(0, $0) }
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "[")
      || JSONParser.isSpace(byte)
  }

  private func misshapen(_ offset: Int, _ rank: Int) -> Failure {
    text.failure(at: offset, "\(path): expected \(rank) lists of numbers in each other")
  }
}
