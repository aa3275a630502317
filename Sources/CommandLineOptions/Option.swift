internal import Diagnostics

/// An option: its form, its help, and the property that receives its value.
package struct Option: Sendable {
  typealias Place<Value> = any WritableKeyPath<Arguments, Value> & Sendable

  /// The kind of value, and the property of `Arguments` that receives it.
  enum Value: Sendable {
    case none(Place<Bool>)
    case integer(ClosedRange<Int>, Place<Int?>)
    /// Comma-separated integers.
    case integers(ClosedRange<Int>, Place<[Int]?>)
    case number(above: Double, Place<Double?>)
    case numberIn(ClosedRange<Double>, Place<Double?>)
    case text(Place<String?>)
    /// Text; the option may be repeated.
    case texts(Place<[String]>)
    /// Text, which may be empty; the option may be repeated.
    case prompts(Place<[String]>)
    /// The value of a setting; it is stored as `key=value`.
    case setting(String, Place<[String]>)
    /// No value, or a checkpoint after an equals sign.
    case resumption(Place<Arguments.Resumption?>)
  }

  /// The option with its value, as in the help: `--run DIR`.
  package let form: String
  let value: Value
  /// The environment variable with the default.
  package let variable: String?
  /// The option that excludes this one.
  let opposite: String?
  let help: String

  init(
    _ form: String, _ value: Value, variable: String? = nil, opposite: String? = nil, help: String
  ) {
    self.form = form
    self.value = value
    self.variable = variable
    self.opposite = opposite
    self.help = help
  }

  package var name: String { String(form.prefix { $0 != " " && $0 != "[" }) }

  package var isRepeatable: Bool {
    switch value {
    case .texts, .prompts: true
    default: false
    }
  }

  /// Whether the next word is the value if there is no equals sign.
  var takesNextWord: Bool {
    switch value {
    case .integer, .integers, .number, .numberIn, .text, .texts, .prompts, .setting: true
    case .none, .resumption: false
    }
  }

  /// Parses and stores the value; failures refer to `source`.
  func store(_ text: String?, in arguments: inout Arguments, source: String) throws(Failure) {
    switch value {
    case .none(let place):
      guard text == nil else { throw Failure(.usage, "\(source) takes no value") }
      arguments[keyPath: place] = true
    case .integer(let range, let place):
      let text = try nonempty(text, source)
      guard let number = Int(text), range.contains(number) else { throw invalid(text, source) }
      arguments[keyPath: place] = number
    case .integers(let range, let place):
      let text = try nonempty(text, source)
      let words = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = words.compactMap { Int($0) }
      guard numbers.count == words.count, numbers.allSatisfy(range.contains) else {
        throw invalid(text, source)
      }
      arguments[keyPath: place] = numbers
    case .number(let bound, let place):
      let text = try nonempty(text, source)
      guard let number = Double(text), number.isFinite, number > bound else {
        throw invalid(text, source)
      }
      arguments[keyPath: place] = number
    case .numberIn(let range, let place):
      let text = try nonempty(text, source)
      guard let number = Double(text), range.contains(number) else { throw invalid(text, source) }
      arguments[keyPath: place] = number
    case .text(let place):
      arguments[keyPath: place] = try nonempty(text, source)
    case .texts(let place):
      arguments[keyPath: place].append(try nonempty(text, source))
    case .prompts(let place):
      guard let text else { throw Failure(.usage, "\(source) needs a value: \(expectation)") }
      arguments[keyPath: place].append(text)
    case .setting(let key, let place):
      arguments[keyPath: place].append("\(key)=\(try nonempty(text, source))")
    case .resumption(let place):
      arguments[keyPath: place] =
        text == nil ? .newestCheckpoint : .checkpoint(try nonempty(text, source))
    }
  }

  private func invalid(_ text: String, _ source: String) -> Failure {
    Failure(.usage, "\(source): expected \(expectation), found \(quoted(text))")
  }

  private func nonempty(_ text: String?, _ source: String) throws(Failure) -> String {
    guard let text, !text.isEmpty else {
      throw Failure(.usage, "\(source) needs a value: \(expectation)")
    }
    return text
  }

  private var expectation: String {
    switch value {
    case .integer(let range, _): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .integers(let range, _):
      "integers from \(range.lowerBound) to \(range.upperBound) between commas"
    case .numberIn(let range, _):
      "a number from \(range.lowerBound.formatted(digits: 3)) to "
        + range.upperBound.formatted(digits: 3)
    case .number(let bound, _): "a number greater than \(bound.formatted(digits: 3))"
    default: form
    }
  }
}
