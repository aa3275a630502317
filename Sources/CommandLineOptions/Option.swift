internal import Diagnostics

/// An option: how it is written, what it does and where its value goes.
package struct Option: Sendable {
  typealias Place<Value> = any WritableKeyPath<Arguments, Value> & Sendable

  /// What follows the name, and the property of the arguments that receives it.
  enum Value: Sendable {
    case none(Place<Bool>)
    case integer(ClosedRange<Int>, Place<Int?>)
    /// Integers between commas.
    case integers(ClosedRange<Int>, Place<[Int]?>)
    case number(above: Double, Place<Double?>)
    case text(Place<String?>)
    /// Text that may be given any number of times.
    case texts(Place<[String]>)
    /// The value of this setting: a change like those of `texts`.
    case setting(String, Place<[String]>)
    /// A checkpoint after an equals sign, or nothing.
    case resumption(Place<Arguments.Resumption?>)
  }

  /// The option with its value, as the help shows it: `--run DIR`.
  package let form: String
  let value: Value
  /// The environment variable that gives the value where the option does not.
  package let variable: String?
  /// The option that contradicts this one.
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
    if case .texts = value { true } else { false }
  }

  /// Whether the next word is the value when none is written after an equals sign.
  var takesNextWord: Bool {
    switch value {
    case .integer, .integers, .number, .text, .texts, .setting: true
    case .none, .resumption: false
    }
  }

  /// Puts the value in its place; `source` is what an error names.
  func store(_ text: String?, in arguments: inout Arguments, source: String) throws(Failure) {
    switch value {
    case .none(let place):
      guard text == nil else { throw Failure(.usage, "\(source) takes no value") }
      arguments[keyPath: place] = true
    case .integer(let range, let place):
      let text = try nonempty(text, source)
      guard let number = Int(text), range.contains(number) else {
        throw Failure(.usage, "\(source): expected \(expectation), found \(quoted(text))")
      }
      arguments[keyPath: place] = number
    case .integers(let range, let place):
      let text = try nonempty(text, source)
      let words = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = words.compactMap { Int($0) }
      guard numbers.count == words.count, numbers.allSatisfy(range.contains) else {
        throw Failure(.usage, "\(source): expected \(expectation), found \(quoted(text))")
      }
      arguments[keyPath: place] = numbers
    case .number(let bound, let place):
      let text = try nonempty(text, source)
      guard let number = Double(text), number.isFinite, number > bound else {
        throw Failure(.usage, "\(source): expected \(expectation), found \(quoted(text))")
      }
      arguments[keyPath: place] = number
    case .text(let place):
      arguments[keyPath: place] = try nonempty(text, source)
    case .texts(let place):
      arguments[keyPath: place].append(try nonempty(text, source))
    case .setting(let key, let place):
      arguments[keyPath: place].append("\(key)=\(try nonempty(text, source))")
    case .resumption(let place):
      arguments[keyPath: place] =
        text == nil ? .newestCheckpoint : .checkpoint(try nonempty(text, source))
    }
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
    case .number(let bound, _): "a number greater than \(bound.formatted(digits: 3))"
    default: form
    }
  }
}
