/// What a setting may hold.
package indirect enum Kind: Sendable {
  case integer(in: ClosedRange<Int>)
  case number(in: NumberRange)
  case boolean
  case text
  /// One of a few words of letters, digits, `_` and `-`.
  case choice([String])
  /// `1 epoch`, `500 steps`, `2 h`, in one of the units given.
  case timespan([Timespan.Unit])
  /// A section: `{key: value, ...}`.
  case record(Record)
  /// One of several records, chosen by name: `adam`, `adam: 0.01` or `adam: {...}`.
  ///
  /// The records are asked for when needed, so that a layer may contain layers.
  case oneRecord(of: String, @Sendable () -> [Record])
  case list(of: Kind, count: ClosedRange<Int>)
  /// A value for each of some names that the file chooses, such as those of columns.
  case map(of: Kind)
  /// The first form that fits.
  case oneOf([Kind])

  /// One of several records; `noun` is what users call them: "layer", "optimizer".
  package static func variant(
    _ noun: String, _ records: @autoclosure @escaping @Sendable () -> [Record]
  ) -> Kind {
    .oneRecord(of: noun, records)
  }

  package static func list(of element: Kind) -> Kind { .list(of: element, count: 0...100_000) }

  /// The words of an enumeration.
  package static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _: Choice.Type
  ) -> Kind {
    .choice(Choice.allCases.map(\.rawValue))
  }

  /// What to write, for messages and the reference: "an integer from 1 to 65536".
  package var expectation: String {
    var said: Set<String> = []
    return expectation(after: &said)
  }

  /// A range that was said already is not said again.
  private func expectation(after said: inout Set<String>) -> String {
    switch self {
    case .integer(let range):
      if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
      let text =
        range.upperBound == .max
        ? "an integer of at least \(range.lowerBound)"
        : "an integer from \(range.lowerBound) to \(range.upperBound)"
      return said.insert(text).inserted ? text : "such an integer"
    case .number(let range):
      let text = "a number \(range)"
      return said.insert(text).inserted ? text : "such a number"
    case .boolean: return "true or false"
    case .text: return "text"
    case .choice(let words):
      return "\(words.count > 1 ? "one of " : "")\(words.joined(separator: ", "))"
    case .timespan(let units):
      return "a whole number of \(units.map(\.plural).joined(separator: " or "))"
        + " (such as '\(Timespan(1, units[0]))')"
    case .record(let record): return "the settings of \(record.name)"
    case .oneRecord(let noun, _): return "\("aeio".contains(noun.prefix(1)) ? "an" : "a") \(noun)"
    case .list(let element, let count):
      let length = count.lowerBound == count.upperBound ? " of \(count.lowerBound)" : ""
      let each = element.expectation(after: &said)
      let isSaid = ["such an integer", "such a number"].contains(each)
      return isSaid ? "a list\(length) of them" : "a list\(length), each element \(each)"
    case .map(let element):
      return "a section of names, each with \(element.expectation(after: &said))"
    case .oneOf(let forms):
      var texts: [String] = []
      for form in forms { texts.append(form.expectation(after: &said)) }
      return texts.joined(separator: ", or ")
    }
  }
}
