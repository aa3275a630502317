package import Diagnostics

/// The values of a record, complete and checked: every default is filled in.
///
/// Accessors take the names of the schema's keys. Asking for a key or a type that the schema lacks
/// is a programming error and traps.
package struct Settings: Equatable, Sendable {
  package let record: Record
  /// Where the section begins.
  package let location: SourceLocation
  /// Its place in the configuration: `optimizer.adam`.
  package let path: String
  /// One for each key of the record; nil where an optional setting is absent.
  let entries: [Entry?]

  struct Entry {
    let value: Setting
    let location: SourceLocation
  }

  /// The record's name: which layer, which optimiser.
  package var name: String { record.name }

  package static func == (a: Settings, b: Settings) -> Bool {
    a.name == b.name && a.entries.map(\.?.value) == b.entries.map(\.?.value)
  }
}

extension Settings {
  /// The same settings without an optional one.
  package func without(_ key: String) -> Settings {
    var entries = entries
    entries[index(key)] = nil
    return Settings(record: record, location: location, path: path, entries: entries)
  }

  /// The same settings with another value of a key.
  package func with(_ key: String, _ value: Setting) -> Settings {
    var entries = entries
    entries[index(key)] = Entry(value: value, location: location(of: key))
    return Settings(record: record, location: location, path: path, entries: entries)
  }

  /// The values that there are, by key.
  package var values: [String: Setting] {
    Dictionary(
      uniqueKeysWithValues: zip(record.keys, entries).compactMap { key, entry in
        entry.map { (key.name, $0.value) }
      })
  }

  package func optionalValue(_ key: String) -> Setting? { entries[index(key)]?.value }

  package func value(_ key: String) -> Setting {
    guard let value = optionalValue(key) else {
      preconditionFailure("'\(key)' of \(name) is optional: ask for its optional value")
    }
    return value
  }

  package func integer(_ key: String) -> Int { value(key).integer }
  package func number(_ key: String) -> Double { value(key).number }
  package func boolean(_ key: String) -> Bool { value(key).boolean }
  package func text(_ key: String) -> String { value(key).text }
  package func timespan(_ key: String) -> Timespan { value(key).timespan }
  package func section(_ key: String) -> Settings { value(key).section }
  package func list(_ key: String) -> [Setting] { value(key).list }
  package func sections(_ key: String) -> [Settings] { list(key).map(\.section) }

  package func optionalInteger(_ key: String) -> Int? { optionalValue(key)?.integer }
  package func optionalNumber(_ key: String) -> Double? { optionalValue(key)?.number }
  package func optionalText(_ key: String) -> String? { optionalValue(key)?.text }
  package func optionalTimespan(_ key: String) -> Timespan? { optionalValue(key)?.timespan }
  package func optionalSection(_ key: String) -> Settings? { optionalValue(key)?.section }

  /// The case of an enumeration whose words are the key's choices.
  package func choice<Choice: RawRepresentable<String>>(
    _ key: String, as: Choice.Type = Choice.self
  ) -> Choice {
    guard let choice = Choice(rawValue: text(key)) else {
      preconditionFailure("'\(key)' of \(name) has a choice that \(Choice.self) lacks")
    }
    return choice
  }

  package func optionalChoice<Choice: RawRepresentable<String>>(
    _ key: String, as: Choice.Type = Choice.self
  ) -> Choice? {
    optionalValue(key) == nil ? nil : choice(key)
  }

  /// Where a setting was written; the section's own place when its default is used.
  package func location(of key: String) -> SourceLocation {
    entries[index(key)]?.location ?? location
  }

  /// An error that only the setting's owner can see: `conv.yaml:9:5: model.2.conv.kernel: ...`.
  package func failure(at key: String, _ message: String) -> Failure {
    misfit(at: location(of: key), path: joined(path, key), message)
  }

  /// An error of the section as a whole.
  package func failure(_ message: String) -> Failure {
    misfit(at: location, path: path, message)
  }

  private func index(_ key: String) -> Int {
    guard let index = record.index(of: key) else {
      preconditionFailure("\(name) has no key '\(key)'")
    }
    return index
  }
}

extension Setting {
  package var integer: Int { if case .integer(let value) = self { value } else { mistyped() } }
  package var number: Double { if case .number(let value) = self { value } else { mistyped() } }
  package var boolean: Bool { if case .boolean(let value) = self { value } else { mistyped() } }
  package var list: [Setting] { if case .list(let value) = self { value } else { mistyped() } }
  package var map: [Entry] { if case .map(let value) = self { value } else { mistyped() } }

  package var timespan: Timespan {
    if case .timespan(let value) = self { value } else { mistyped() }
  }

  /// A text or a choice.
  package var text: String {
    switch self {
    case .text(let value), .choice(let value): value
    default: mistyped()
    }
  }

  /// A section, be it the only possible one or one of several.
  package var section: Settings {
    switch self {
    case .section(let value), .variant(let value): value
    default: mistyped()
    }
  }

  private func mistyped() -> Never {
    preconditionFailure("a setting was asked for as what its schema does not say: \(self)")
  }
}

/// A key path with one more component.
func joined(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

/// The text ` in optimizer.adam`, or nothing at the top.
func within(_ path: String) -> String { path.isEmpty ? "" : " in \(path)" }

/// A failure of a setting; a mistake in a command-line option has another exit code than in a file.
func misfit(at location: SourceLocation, path: String, _ message: String) -> Failure {
  let isNamed = path.isEmpty || location.source == overrideSource(path)
  return Failure(
    location.line == 0 ? .usage : .badConfiguration, at: location,
    isNamed ? message : "\(path): \(message)")
}

/// The place of a setting that was given on the command line.
func overrideSource(_ path: String) -> String { "--set \(path)" }
