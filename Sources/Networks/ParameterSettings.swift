package import Configuration
internal import Diagnostics
internal import Graphs

/// Which parameters of a layer training leaves as they are.
package enum Frozen: String, CaseIterable, SettingValue {
  case weight, bias, all

  /// Whether it is among them: `weight` holds all whose names begin so, such as `weight_ih_l0`
  /// and `query/weight`.
  func holds(_ parameter: String) -> Bool {
    self == .all || parameter.split(separator: "/").last?.hasPrefix(rawValue) == true
  }
}

/// The first values of a parameter, in its shape: lists within lists in a file.
package struct Numbers: SettingValue, Equatable {
  /// Nil where lists of one level differ in length.
  let extents: [Int]?
  let values: [Float]

  package init(_ values: [Float], shape extents: [Int]) {
    precondition(values.count == extents.reduce(1, *), "as many numbers as the shape holds")
    self.values = values
    self.extents = extents
  }

  package static var kind: Kind { kind(ranks: 1...1) }

  /// Lists within lists, at least to the first of these depths and at most to the last.
  static func kind(ranks: ClosedRange<Int>) -> Kind {
    let number = Kind.number(in: .from(-1e30, to: 1e30))
    return (0..<ranks.upperBound).reduce(number) { kind, depth in
      let list = Kind.list(of: kind, count: 1...100_000)
      return ranks.upperBound - depth - 1 >= ranks.lowerBound ? .oneOf([number, list]) : list
    }
  }

  package init(setting: Setting) {
    extents = Self.extents(of: setting)
    values = Self.numbers(in: setting)
  }

  package func setting() -> Setting {
    var level = values.map { Setting.number(Double($0)) }
    for extent in (extents ?? []).dropFirst().reversed() {
      level = stride(from: 0, to: level.count, by: extent).map {
        .list(Array(level[$0..<$0 + extent]))
      }
    }
    return .list(level)
  }

  private static func extents(of value: Setting) -> [Int]? {
    guard case .list(let values) = value else { return [] }
    let inner = values.map { extents(of: $0) }
    guard let first = inner.first, let first, inner.allSatisfy({ $0 == first }) else { return nil }
    return [values.count] + first
  }

  private static func numbers(in value: Setting) -> [Float] {
    if case .list(let values) = value { return values.flatMap { numbers(in: $0) } }
    return [Float(value.number)]
  }
}

/// A learned number for each output: none, or first values, which are zero if not given.
package enum Bias: SettingValue, Equatable {
  case none, zeros
  case given(Numbers)

  package static var kind: Kind { .oneOf([.boolean, Numbers.kind]) }

  package init(setting: Setting) {
    self =
      switch setting {
      case .boolean(let isThere): isThere ? .zeros : .none
      case let list: .given(Numbers(setting: list))
      }
  }

  package func setting() -> Setting {
    switch self {
    case .none: .boolean(false)
    case .zeros: .boolean(true)
    case .given(let numbers): numbers.setting()
    }
  }
}

extension Bias: ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral {
  package init(booleanLiteral isThere: Bool) { self = isThere ? .zeros : .none }
  package init(arrayLiteral values: Float...) { self.init(values) }
  package init(_ values: [Float]) { self = .given(Numbers(values, shape: [values.count])) }
}

/// The keys that several kinds of layers have.
extension Property {
  /// `weight: [[0.1, 0.2], [0.3, 0.4]]`, lists within lists to the depth of its shape.
  static func weight(
    _ path: any WritableKeyPath<Root, Numbers?> & Sendable, ranks: ClosedRange<Int>
  ) -> Property {
    Property(
      "weight", path, Numbers.kind(ranks: ranks),
      help: "First weights, in PyTorch's shape; drawn if left out.")
  }

  static func bias(
    _ path: any WritableKeyPath<Root, Bias> & Sendable, help: String
  ) -> Property {
    Property("bias", path, help: help)
  }

  static func freeze(
    _ path: any WritableKeyPath<Root, Frozen?> & Sendable, _ choices: [Frozen] = Frozen.allCases,
    help: String = "What stays as it is while the rest is trained."
  ) -> Property {
    Property("freeze", path, .choice(choices.map(\.rawValue)), help: help)
  }

  static func initialiser(
    _ path: any WritableKeyPath<Root, Initialiser> & Sendable
  ) -> Property {
    Property("init", path, help: "How the first weights are drawn.")
  }

  static func constraint(
    _ path: any WritableKeyPath<Root, WeightConstraint?> & Sendable
  ) -> Property {
    Property(
      "constraint", path,
      help: "What the weights of each output are brought back to after every step.")
  }

  static func epsilon(_ path: any WritableKeyPath<Root, Double> & Sendable) -> Property {
    Property(
      "epsilon", path, .number(in: .above(0, below: 1)),
      help: "Added to the variance before its root is taken.")
  }
}
