package import Diagnostics

/// A type whose values a file can write and Swift code can build: each key sets a property.
package protocol Configurable: SettingValue {
  static var schema: Schema<Self> { get }

  /// Refuses values that contradict each other; `settings` knows where they were written.
  func check(_ settings: Settings) throws(Failure)
}

extension Configurable {
  package static var record: Record { schema.record }

  package static var kind: Kind { .record(record) }

  /// Settings that the schema has checked.
  package init(_ settings: Settings) throws(Failure) {
    self = try Self.schema.decode(settings)
    try check(settings)
  }

  package init(setting: Setting) throws(Failure) { try self.init(setting.section) }

  /// The settings that a file would write to build this value; refuses what no file could write.
  package func settings() throws(Failure) -> Settings {
    let settings = try Self.schema.encode(self)
    try check(settings)
    return settings
  }

  package func setting() throws(Failure) -> Setting { .section(try settings()) }

  package func check(_ settings: Settings) throws(Failure) {}
}

/// The table of the keys of a type: the only description of them for files and for Swift code.
///
/// A key that may be left out has the value of its property in the prototype.
package struct Schema<Root: Sendable>: Sendable {
  package let record: Record
  private let prototype: Root
  private let properties: [Property<Root>]

  package init(
    _ name: String, _ prototype: Root, main: String? = nil, _ properties: [Property<Root>] = [],
    help: String
  ) {
    record = Record(name, main: main, keys: properties.map { $0.key(prototype) }, help: help)
    self.prototype = prototype
    self.properties = properties
  }

  package func decode(_ settings: Settings) throws(Failure) -> Root {
    var root = prototype
    for property in properties { try property.read(settings, &root) }
    return root
  }

  package func encode(_ root: Root) throws(Failure) -> Settings {
    var values: [String: Setting] = [:]
    for property in properties { values[property.name] = try property.write(root) }
    let replaceable = properties.compactMap(\.replacement)
    guard !replaceable.isEmpty, try isBlank(root) else { return try Settings(record, values) }
    for property in properties where property.replacement != nil { values[property.name] = nil }
    return try Settings(record, values, replacedBy: Set(replaceable))
  }

  /// Whether the keys that another key can replace have nothing to say.
  private func isBlank(_ root: Root) throws(Failure) -> Bool {
    for property in properties where property.replacement != nil {
      guard try property.write(root) == property.write(prototype) else { return false }
    }
    return true
  }
}

/// A property of a type and the key that sets it.
package struct Property<Root>: Sendable {
  let name: String
  /// The key that can replace it.
  fileprivate let replacement: String?
  fileprivate let key: @Sendable (_ prototype: Root) -> Key
  fileprivate let read: @Sendable (Settings, inout Root) throws(Failure) -> Void
  fileprivate let write: @Sendable (Root) throws(Failure) -> Setting?

  /// A property whose key may be left out, unless it is required.
  package init<T: SettingValue>(
    _ name: String, _ path: any WritableKeyPath<Root, T> & Sendable, _ kind: Kind = T.kind,
    isRequired: Bool = false, unless other: String? = nil, effect: Key.Effect = .result,
    help: String
  ) {
    self.name = name
    replacement = other
    key = { prototype in
      let standard: Key.Default =
        if let other { .requiredWithout([other]) } else if isRequired { .required } else {
          (try? prototype[keyPath: path].setting()).map { .value($0) } ?? .required
        }
      return Key(name, kind, default: standard, effect: effect, help: help)
    }
    read = { (settings, root) throws(Failure) in
      // Without a value the key was left out because another one stands in for it.
      if let value = settings.optionalValue(name) { root[keyPath: path] = try T(setting: value) }
    }
    write = { root throws(Failure) in try root[keyPath: path].setting() }
  }

  /// A property that is nil where the key is left out.
  package init<T: SettingValue>(
    _ name: String, _ path: any WritableKeyPath<Root, T?> & Sendable, _ kind: Kind = T.kind,
    effect: Key.Effect = .result, help: String
  ) {
    self.name = name
    replacement = nil
    key = { _ in Key(name, kind, default: .absent, effect: effect, help: help) }
    read = { (settings, root) throws(Failure) in
      root[keyPath: path] = try settings.optionalValue(name).map { value throws(Failure) in
        try T(setting: value)
      }
    }
    write = { root throws(Failure) in try root[keyPath: path]?.setting() }
  }
}
