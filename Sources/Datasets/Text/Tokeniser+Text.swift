package import Configuration
package import Diagnostics

/// A tokeniser as a section of a YAML text, in caches and checkpoints.
extension Tokeniser {
  package static let record = Record(
    "tokens",
    keys: [
      Key("unit", .choice(TextUnit.self), help: "what a text is split into"),
      Key(
        "vocabulary", .list(of: .text, count: 1...sizeLimit), default: .absent,
        help: "the tokens in their order, without the unknown one; for bpe in GPT-2's form"),
      Key(
        "merges", .list(of: .text, count: 1...sizeLimit), default: .absent,
        help: "the pairs that are merged, in their order"),
    ],
    help: "How a text becomes tokens.")

  /// The section in flow style.
  package var text: String {
    func list(_ texts: [String]) -> String {
      "[\(texts.map { doubleQuoted($0) }.joined(separator: ", "))]"
    }
    var members = ["unit: \(unit.rawValue)"]
    let names = names
    if let pairs {
      members.append("vocabulary: \(list(names))")
      if !pairs.merges.isEmpty {
        members.append(
          "merges: "
            + list(
              pairs.merges.map { "\(names[Int($0.pair.left)]) \(names[Int($0.pair.right)])" }))
      }
    } else if size > 1, unit != .bytes {
      members.append("vocabulary: \(list(Array(names.dropFirst())))")
    }
    return "{\(members.joined(separator: ", "))}"
  }

  package init(_ settings: Settings) throws(Failure) {
    let vocabulary = settings.optionalValue("vocabulary")?.list.map(\.text) ?? []
    let merges = settings.optionalValue("merges")?.list.map(\.text) ?? []
    switch settings.choice("unit") as TextUnit {
    case .bytes: self = .bytes
    case .bpe:
      var pairs: [(String, String)] = []
      for merge in merges {
        let parts = merge.unicodeScalars.split(separator: " ").map { String($0) }
        guard parts.count == 2 else {
          throw settings.failure(at: "merges", "expected two tokens, found \(quoted(merge))")
        }
        pairs.append((parts[0], parts[1]))
      }
      try self.init(names: vocabulary, merges: pairs) { merge, problem in
        settings.failure(at: merge == nil ? "vocabulary" : "merges", problem)
      }
    case let unit:
      // Strings that Unicode treats as equal are different symbols.
      let symbols = vocabulary.map { Array($0.utf8) }
      guard Set(symbols).count == symbols.count,
        unit == .words || vocabulary.allSatisfy({ $0.unicodeScalars.count == 1 })
      else {
        throw settings.failure(at: "vocabulary", "expected \(unit.rawValue), each of them once")
      }
      self.init(unit, symbols: symbols)
    }
  }
}
