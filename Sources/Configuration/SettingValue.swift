package import Diagnostics

/// A type that a key can set.
package protocol SettingValue: Sendable {
  /// What the key may hold, where it does not say so itself.
  static var kind: Kind { get }

  /// A value of the key's kind.
  init(setting: Value) throws(Failure)

  func setting() throws(Failure) -> Value
}

extension Int: SettingValue {
  package static var kind: Kind { .integer(in: .min ... .max) }
  package init(setting: Value) { self = setting.integer }
  package func setting() -> Value { .integer(self) }
}

extension Double: SettingValue {
  package static var kind: Kind { .number(in: .any) }
  package init(setting: Value) { self = setting.number }
  package func setting() -> Value { .number(self) }
}

extension Bool: SettingValue {
  package static var kind: Kind { .boolean }
  package init(setting: Value) { self = setting.boolean }
  package func setting() -> Value { .boolean(self) }
}

extension String: SettingValue {
  package static var kind: Kind { .text }
  package init(setting: Value) { self = setting.text }
  package func setting() -> Value { .text(self) }
}

extension Timespan: SettingValue {
  package static var kind: Kind { .timespan([.epochs, .steps]) }
  package init(setting: Value) { self = setting.timespan }
  package func setting() -> Value { .timespan(self) }
}

extension Array: SettingValue where Element: SettingValue {
  package static var kind: Kind { .list(of: Element.kind) }

  package init(setting: Value) throws(Failure) {
    self = try setting.list.map { element throws(Failure) in try Element(setting: element) }
  }

  package func setting() throws(Failure) -> Value {
    .list(try map { element throws(Failure) in try element.setting() })
  }
}

/// An enumeration whose raw values are the words of a file.
extension SettingValue where Self: RawRepresentable<String>, Self: CaseIterable {
  package static var kind: Kind { .choice(Self.self) }

  package init(setting: Value) {
    guard let choice = Self(rawValue: setting.text) else {
      preconditionFailure("the schema has a choice '\(setting.text)' that \(Self.self) lacks")
    }
    self = choice
  }

  package func setting() -> Value { .choice(rawValue) }
}
