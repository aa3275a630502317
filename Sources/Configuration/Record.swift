internal import Diagnostics

/// A group of named settings: the top of the file, one of its sections, a layer, an optimiser.
///
/// This table is the only description of a setting: decoding, `--set`, suggestions, the canonical
/// text and the reference in `docs/` are all read off it.
package struct Record: Sendable {
  package let name: String
  /// The key that a bare value stands for: `conv: 16` is `conv: {filters: 16}`.
  package let main: String?
  package let keys: [Key]
  package let help: String

  package init(
    _ name: String, main: String? = nil, keys: [Key] = [], help: String
  ) {
    precondition(Set(keys.map(\.name)).count == keys.count, "\(name) has a key twice")
    precondition(
      main == nil || keys.contains { $0.name == main }, "\(name) lacks its main key")
    self.name = name
    self.main = main
    self.keys = keys
    self.help = help
  }

  /// The position of a key, if the record has it.
  func index(of key: String) -> Int? { keys.firstIndex { $0.name == key } }

  /// The text ` (did you mean 'x'?)` for a key that the record lacks, or what to use instead.
  func hint(for key: String) -> String {
    Suggestion.hint(for: key, among: keys.map(\.name), orElsewhere: true)
  }
}

/// One setting: its name, what it may hold, what it is when left out, and one line of help.
package struct Key: Sendable {
  package let name: String
  package let kind: Kind
  package let `default`: Default
  package let effect: Effect
  package let help: String

  package init(
    _ name: String, _ kind: Kind, default: Default = .required, effect: Effect = .result,
    help: String
  ) {
    self.name = name
    self.kind = kind
    self.default = `default`
    self.effect = effect
    self.help = help
  }

  /// What a change of the setting changes.
  package enum Effect: Sendable {
    /// The trained weights, bit by bit: part of the configuration's identity, fixed during a run.
    case result
    /// Only how long training goes on: part of the identity, but a resumed run may change it.
    case length
    /// Nothing that is computed (paths, file keeping): free to change.
    case nothing
  }

  /// What a setting is when the file leaves it out.
  package enum Default: Sendable {
    /// Leaving it out is an error.
    case required
    /// The same where other keys are left out, too; there is no value where one of them is there.
    case requiredWithout([String])
    /// It has no value: the accessors that begin with `optional` return nil.
    case absent
    /// A value, as it would stand in a file.
    case yaml(String)
  }
}

extension Key.Default {
  /// A value that Swift code holds, in its short form.
  package static func value(_ value: Setting) -> Key.Default {
    guard case .variant(let settings) = value, let main = settings.record.main,
      settings.record.keys.count == 1, let bare = settings.optionalValue(main)
    else { return .yaml(flow(value)) }
    return .yaml("{\(settings.name): \(flow(bare))}")
  }
}

extension Key.Default: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByStringLiteral
{
  package init(integerLiteral value: Int) { self = .yaml(String(value)) }
  package init(floatLiteral value: Double) { self = .yaml(shortest(value)) }
  package init(booleanLiteral value: Bool) { self = .yaml(String(value)) }
  package init(stringLiteral value: String) { self = .yaml(value) }
}
