internal import Configuration

/// What must hold of the weights of each output, or of each row of a table, after every step.
package enum WeightConstraint: Hashable, Sendable {
  /// Their norm is not above this.
  case maxNorm(Double)
  /// None of them is below zero.
  case nonNegative
  /// None of them is farther from zero than this.
  case clip(Double)

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
      "clip", main: "limit",
      keys: [
        Key(
          "limit", .number(in: .above(0, to: 1e30)),
          help: "How far from zero a weight may be.")
      ], help: "What is farther from zero is brought back to the limit."),
  ]

  fileprivate init(_ settings: Settings) {
    self =
      switch settings.name {
      case "max_norm": .maxNorm(settings.number("limit"))
      case "non_negative": .nonNegative
      case "clip": .clip(settings.number("limit"))
      case let name: preconditionFailure("the schema has a constraint '\(name)' without a case")
      }
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
