internal import Configuration
internal import Graphs

/// What a layer's settings may say of its own parameters.
///
/// A key with a parameter's name holds its first values, in the parameter's shape; `freeze` names
/// what training leaves as it is.
enum Preset {
  /// `weight: [[0.1, 0.2], [0.3, 0.4]]`, lists within lists to the depth of its shape.
  static func weight(rank: Int) -> Key { weight(ranks: rank...rank) }

  static func weight(ranks: ClosedRange<Int>) -> Key {
    Key(
      "weight", numbers(ranks: ranks), default: .absent,
      help: "First weights, in PyTorch's shape; drawn if left out.")
  }

  /// `bias: false`, or `bias: [0.1, 0.2]`.
  static func bias(_ help: String) -> Key {
    Key("bias", .oneOf([.boolean, numbers(ranks: 1...1)]), default: true, help: help)
  }

  static let freeze = Key(
    "freeze", .choice(Frozen.self), default: .absent,
    help: "What stays as it is while the rest is trained.")

  /// For a layer that has running averages as well.
  static let freezeNorm = Key(
    "freeze", .choice(Frozen.self), default: .absent,
    help: "What stays as it is; all keeps the running averages, too, and normalises by them.")

  /// For a layer that has nothing but a weight.
  static let freezeWeight = Key(
    "freeze", .choice([Frozen.weight.rawValue]), default: .absent,
    help: "Whether the weight stays as it is.")

  enum Frozen: String, CaseIterable {
    case weight, bias, all

    func holds(_ parameter: String) -> Bool { self == .all || rawValue == parameter }
  }

  /// Lists within lists, at least to the first of these depths and at most to the last.
  private static func numbers(ranks: ClosedRange<Int>) -> Kind {
    let number = Kind.number(in: .from(-1e30, to: 1e30))
    return (0..<ranks.upperBound).reduce(number) { kind, depth in
      let list = Kind.list(of: kind, count: 1...100_000)
      return ranks.upperBound - depth - 1 >= ranks.lowerBound ? .oneOf([number, list]) : list
    }
  }
}

extension Settings {
  /// Whether there is a bias: unless it is set to `false`.
  var hasBias: Bool { value("bias") != .boolean(false) }

  /// Whether a parameter of the layer keeps its first values.
  func freezes(_ parameter: String) -> Bool {
    guard record.keys.contains(where: { $0.name == "freeze" }) else { return false }
    return optionalChoice("freeze", as: Preset.Frozen.self)?.holds(parameter) ?? false
  }

  /// The first values of a parameter, if they are given.
  func given(_ parameter: String, _ shape: Shape) throws(Misfit) -> Distribution? {
    guard record.keys.contains(where: { $0.name == parameter }),
      case .list(let values) = optionalValue(parameter)
    else { return nil }
    guard let found = Settings.shape(of: values) else {
      throw Misfit(
        "expected \(parameter) of shape \(shape), found lists of different lengths", at: parameter)
    }
    guard found == shape.extents else {
      throw Misfit(
        "expected \(parameter) of shape \(shape), found \(Shape(found))", at: parameter)
    }
    return .given(Settings.numbers(in: .list(values)))
  }

  /// The extents of lists within lists; nil if those of one level differ in length.
  private static func shape(of values: [Configuration.Value]) -> [Int]? {
    let shapes = values.map { value -> [Int]? in
      if case .list(let inner) = value { shape(of: inner) } else { [] }
    }
    guard let first = shapes.first, let inner = first, shapes.allSatisfy({ $0 == inner })
    else { return nil }
    return [values.count] + inner
  }

  private static func numbers(in value: Configuration.Value) -> [Float] {
    if case .list(let values) = value { return values.flatMap { numbers(in: $0) } }
    return [Float(value.number)]
  }
}
