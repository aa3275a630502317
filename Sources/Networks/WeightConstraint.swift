package import Configuration
package import Diagnostics

/// What must hold of the weights of each output, or of each row of a table, after every step.
package enum WeightConstraint: Hashable, Sendable {
  /// Their norm is not above this.
  case maxNorm(Double)
  /// None of them is below zero.
  case nonNegative
  /// None of them is outside.
  case within(ClosedRange<Double>)

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
}

extension WeightConstraint: SettingValue {
  package static var kind: Kind { .variant("constraint", records) }

  package init(setting: Setting) {
    let settings = setting.section
    switch settings.name {
    case "max_norm": self = .maxNorm(settings.number("limit"))
    case "non_negative": self = .nonNegative
    case "within":
      // Limits in either order.
      let limits = settings.list("limits").map(\.number)
      self = .within(min(limits[0], limits[1])...max(limits[0], limits[1]))
    case let name: preconditionFailure("the schema has a constraint '\(name)' without a case")
    }
  }

  package func setting() throws(Failure) -> Setting {
    let (name, values): (String, [String: Setting]) =
      switch self {
      case .maxNorm(let limit): ("max_norm", ["limit": .number(limit)])
      case .nonNegative: ("non_negative", [:])
      case .within(let limits):
        ("within", ["limits": .list([.number(limits.lowerBound), .number(limits.upperBound)])])
      }
    return .variant(try Settings(Self.records.named(name), values))
  }
}
