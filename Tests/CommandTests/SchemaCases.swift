import Configuration
import Testing

/// A piece of YAML in flow style.
indirect enum Flow: CustomStringConvertible, Sendable {
  case word(String)
  case map([(key: String, value: Flow)])
  case list([Flow])

  var description: String {
    switch self {
    case .word(let text): text
    case .map(let entries):
      "{\(entries.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
    case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
    }
  }
}

/// A configuration in which one setting is wrong, and the rest as short as it can be.
struct SchemaCase: CustomTestStringConvertible, Sendable {
  let path: String
  let key: String
  let configuration: Flow

  var testDescription: String { "\(path): \(configuration)" }
}

/// Reads mistakes off the table of all settings: every key of it, each kind of mistake.
struct SchemaCases {
  private(set) var all: [SchemaCase] = []
  private let mistake: (Key, Record) -> [Flow]

  /// The cases of a table; `mistake` makes maps that stand for a record, wrong in this key.
  init(in record: Record, mistake: @escaping (Key, Record) -> [Flow]) {
    self.mistake = mistake
    collect(record, path: "", within: []) { $0 }
  }

  private mutating func collect(
    _ record: Record, path: String, within outer: [String], place: (Flow) -> Flow
  ) {
    // Layers that hold layers would go on forever.
    guard !outer.contains(record.name) else { return }
    for key in record.keys {
      let here = path.isEmpty ? key.name : "\(path).\(key.name)"
      for section in mistake(key, record) {
        all.append(SchemaCase(path: here, key: key.name, configuration: place(section)))
      }
      collect(key.kind, path: here, within: outer + [record.name]) { value in
        place(record.sample(with: [(key.name, value)]))
      }
    }
  }

  private mutating func collect(
    _ kind: Kind, path: String, within outer: [String], place: (Flow) -> Flow
  ) {
    switch kind {
    case .record(let record): collect(record, path: path, within: outer, place: place)
    case .oneRecord(_, let records):
      // The layers in a layer hold no others here: all nestings would be millions.
      let table = records().map(\.name)
      guard outer.count(where: table.contains) < 2 else { return }
      for record in records() {
        collect(record, path: "\(path).\(record.name)", within: outer) {
          place(.map([(record.name, $0)]))
        }
      }
    case .list(let element, let count):
      let others = Array(repeating: element.sample, count: max(0, count.lowerBound - 1))
      collect(element, path: "\(path).0", within: outer) { place(.list([$0] + others)) }
    case .map(let element):
      collect(element, path: "\(path).x", within: outer) { place(.map([("x", $0)])) }
    case .oneOf(let kinds):
      for kind in kinds { collect(kind, path: path, within: outer, place: place) }
    case .integer, .number, .boolean, .text, .choice, .timespan: break
    }
  }
}

extension Record {
  /// The entries that a section needs, with these put in their place.
  func sample(with changes: [(key: String, value: Flow)]) -> Flow {
    let changed = changes.map(\.key)
    return .map(
      keys.compactMap { key in
        guard key.isRequired(with: changed), !changed.contains(key.name) else { return nil }
        return (key.name, key.kind.sample)
      } + changes)
  }
}

extension Kind {
  /// A value that fits.
  var sample: Flow {
    switch self {
    case .integer(let range): .word("\(range.lowerBound)")
    case .number(let range):
      .word(["0.5", "1", "0"].first { range.contains(Double($0) ?? .nan) } ?? "2")
    case .boolean: .word("true")
    case .text: .word("x")
    case .choice(let words): .word(words[0])
    case .timespan(let units): .word("1 \(units[0].rawValue)")
    case .record(let record): record.sample(with: [])
    case .oneRecord(_, let records): .map([(records()[0].name, records()[0].sample(with: []))])
    case .list(let element, let count):
      .list(Array(repeating: element.sample, count: max(1, count.lowerBound)))
    case .map(let element): .map([("x", element.sample)])
    case .oneOf(let kinds): kinds[0].sample
    }
  }

  /// Values of another type.
  var wrongTypes: [Flow] {
    switch self {
    case .integer: [.word("ten"), .word("1.5"), .word("'1'"), .list([.word("1")])]
    case .number: [.word("ten"), .word("'1'"), .word("true"), .list([.word("1")])]
    case .boolean: [.word("yes"), .word("1"), .word("'true'"), .map([])]
    case .text: [.list([.word("x")]), .map([("x", .word("y"))])]
    case .choice: [.word("nonesuch"), .word("7"), .list([])]
    case .timespan: [.word("5"), .word("soon"), .word("1 parsec"), .list([])]
    case .record(let record):
      record.main == nil ? [.word("7"), .list([.word("7")])] : [.list([.list([.word("7")])])]
    case .oneRecord: [.word("nonesuch"), .list([.word("7")])]
    case .list: [.word("7"), .map([("x", .word("y"))])]
    case .map: [.word("7"), .list([.word("7")])]
    case .oneOf(let kinds): [.map([("x", .word("y"))])] + kinds.wrongForAll(\.wrongTypes)
    }
  }

  /// Values of the right type that are too small, too large or no numbers.
  var outOfRange: [Flow] {
    switch self {
    case .integer(let range):
      (range.lowerBound > .min ? [.word("\(range.lowerBound - 1)")] : [])
        + (range.upperBound < .max ? [.word("\(range.upperBound + 1)")] : [])
        + [.word("99999999999999999999"), .word("-99999999999999999999")]
    case .number(let range):
      ["-1e300", "-1", "0", "1", "1e300"].filter { !range.contains(Double($0) ?? .nan) }
        .map { .word($0) } + [.word(".nan"), .word(".inf"), .word("1e999")]
    case .timespan(let units):
      ["0", "-1", "1.5", "99999999999999999999"].map { .word("\($0) \(units[0].rawValue)") }
    case .oneOf(let kinds): kinds.wrongForAll(\.outOfRange)
    case .boolean, .text, .choice, .record, .oneRecord, .list, .map: []
    }
  }
}

extension [Kind] {
  /// Values that are wrong for one form and cannot be meant as another.
  fileprivate func wrongForAll(_ values: (Kind) -> [Flow]) -> [Flow] {
    let others = map { Set(values($0).map(\.description)) }
    return flatMap(values).filter { value in
      others.allSatisfy { $0.contains(value.description) }
    }
  }
}

extension Key {
  /// Whether a section with these keys needs this one.
  func isRequired(with keys: [String]) -> Bool {
    switch self.default {
    case .required: true
    case .requiredWithout(let others): !others.contains { keys.contains($0) }
    case .absent, .yaml: false
    }
  }
}
