internal import Configuration

/// What must hold of the weights of each output, or of each row of a table, after every step.
package enum WeightConstraint: Hashable, Sendable {
  /// Their norm is not above this.
  case maxNorm(Double)
  /// None of them is below zero.
  case nonNegative
  /// None of them is outside.
  case within(ClosedRange<Double>)

  static let key = Key(
    "constraint", .variant("constraint", records), default: .absent,
    help: "What the weights of each output are brought back to after every step.")

  private static let records = [
    Record(
      "max_norm", main: "limit",
      keys: [
        Key(
          "limit", .number(in: .above(0, to: 1e30)), help: "The greatest norm that a row may have.")
      ], help: "A row of weights that is longer is shortened."),
    Record("non_negative", help: "What is below zero becomes zero."),
    Record(
      "within", main: "limits",
      keys: [
        Key(
          "limits", .list(of: .number(in: .from(-1e30, to: 1e30)), count: 2...2),
          help: "The least and the greatest that a weight may be.")
      ], help: "What is outside becomes the nearer limit."),
  ]

  fileprivate init(_ settings: Settings) {
    self =
      switch settings.name {
      case "max_norm": .maxNorm(settings.number("limit"))
      case "non_negative": .nonNegative
      case "within": .within(Self.limits(settings.list("limits").map(\.number)))
      case let name: preconditionFailure("the schema has a constraint '\(name)' without a case")
      }
  }
}

extension WeightConstraint {
  /// Limits in either order.
  private static func limits(_ numbers: [Double]) -> ClosedRange<Double> {
    min(numbers[0], numbers[1])...max(numbers[0], numbers[1])
  }
}

extension Settings {
  /// The constraint on a parameter of the layer, if it is the weight and has one.
  func constraint(on parameter: String) -> WeightConstraint? {
    guard parameter == "weight", record.keys.contains(where: { $0.name == "constraint" })
    else { return nil }
    return optionalSection("constraint").map { WeightConstraint($0) }
  }
}
