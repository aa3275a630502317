package import Diagnostics

/// A type that a key can set.
package protocol SettingValue: Sendable {
  /// What the key may hold, where it does not say so itself.
  static var kind: Kind { get }

  /// A value of the key's kind.
  init(setting: Setting) throws(Failure)

  func setting() throws(Failure) -> Setting
}

extension Int: SettingValue {
  package static var kind: Kind { .integer(in: .min ... .max) }
  package init(setting: Setting) { self = setting.integer }
  package func setting() -> Setting { .integer(self) }
}

extension Double: SettingValue {
  package static var kind: Kind { .number(in: .any) }
  package init(setting: Setting) { self = setting.number }
  package func setting() -> Setting { .number(self) }
}

extension Bool: SettingValue {
  package static var kind: Kind { .boolean }
  package init(setting: Setting) { self = setting.boolean }
  package func setting() -> Setting { .boolean(self) }
}

extension String: SettingValue {
  package static var kind: Kind { .text }
  package init(setting: Setting) { self = setting.text }
  package func setting() -> Setting { .text(self) }
}

extension Timespan: SettingValue {
  package static var kind: Kind { .timespan([.epochs, .steps]) }
  package init(setting: Setting) { self = setting.timespan }
  package func setting() -> Setting { .timespan(self) }
}

extension Array: SettingValue where Element: SettingValue {
  package static var kind: Kind { .list(of: Element.kind) }

  package init(setting: Setting) throws(Failure) {
    self = try setting.list.map { element throws(Failure) in try Element(setting: element) }
  }

  package func setting() throws(Failure) -> Setting {
    .list(try map { element throws(Failure) in try element.setting() })
  }
}

/// An enumeration whose raw values are the words of a file.
extension SettingValue where Self: RawRepresentable<String>, Self: CaseIterable {
  package static var kind: Kind { .choice(Self.self) }

  package init(setting: Setting) {
    guard let choice = Self(rawValue: setting.text) else {
      preconditionFailure("the schema has a choice '\(setting.text)' that \(Self.self) lacks")
    }
    self = choice
  }

  package func setting() -> Setting { .choice(rawValue) }
}
