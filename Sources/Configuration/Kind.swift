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
    switch self {
    case .integer(let range):
      range.upperBound == .max
        ? "an integer of at least \(range.lowerBound)"
        : "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "a number \(range)"
    case .boolean: "true or false"
    case .text: "text"
    case .choice(let words): "\(words.count > 1 ? "one of " : "")\(words.joined(separator: ", "))"
    case .timespan(let units):
      "a whole number of \(units.map(\.plural).joined(separator: " or "))"
        + " (such as '\(Timespan(1, units[0]))')"
    case .record(let record): "the settings of \(record.name)"
    case .oneRecord(let noun, _): "\("aeio".contains(noun.prefix(1)) ? "an" : "a") \(noun)"
    case .list(let element, _): "a list, each element \(element.expectation)"
    case .oneOf(let forms): forms.map(\.expectation).joined(separator: ", or ")
    }
  }
}
