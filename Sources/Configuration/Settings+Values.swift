package import Diagnostics

extension Settings {
  /// Settings that no file wrote: values by key, checked as those of a file are.
  ///
  /// `replacements` are keys of other records that stand for some of this one's.
  package init(
    _ record: Record, _ values: [String: Setting], replacedBy replacements: Set<String> = []
  ) throws(Failure) {
    let names = Set(values.keys).union(replacements)
    let location = SourceLocation(source: record.name)
    var entries: [Entry?] = []
    for key in record.keys {
      guard let value = values[key.name] else {
        entries.append(
          try key.decode(nil, at: location, path: "", depth: 1, among: names))
        continue
      }
      guard key.kind.holds(value) else {
        throw Failure(
          .badConfiguration,
          "\(record.name).\(key.name): expected \(key.kind.expectation), found \(flow(value))")
      }
      entries.append(Entry(value: value, location: location))
    }
    self.init(record: record, location: location, path: "", entries: entries)
  }
}

extension Kind {
  /// Whether a value is one that a file could give a key of this kind.
  fileprivate func holds(_ value: Setting) -> Bool {
    switch (self, value) {
    case (.integer(let range), .integer(let number)): range.contains(number)
    case (.number(let range), .number(let number)): range.contains(number)
    case (.boolean, .boolean), (.text, .text): true
    case (.choice(let words), .choice(let word)): words.contains(word)
    case (.timespan(let units), .timespan(let time)): units.contains(time.unit) && time.count > 0
    // The settings of a section were checked when they were made.
    case (.record(let record), .section(let settings)): settings.name == record.name
    case (.oneRecord(_, let records), .variant(let settings)):
      records().contains { $0.name == settings.name }
    case (.list(let element, let count), .list(let values)):
      count.contains(values.count) && values.allSatisfy { element.holds($0) }
    case (.map(let element), .map(let entries)): entries.allSatisfy { element.holds($0.value) }
    case (.oneOf(let forms), _): forms.contains { $0.holds(value) }
    default: false
    }
  }
}
