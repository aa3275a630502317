internal import Configuration
package import Diagnostics
package import Reports

extension ScalingConstants {
  /// The keys of a file of constants, which is JSON or YAML.
  private static let record: Record = {
    let positive = Kind.number(in: .above(0, below: 1e30))
    return Record(
      "constants",
      keys: [
        Key("name", .text, default: "own", help: "What they are called."),
        Key("source", .text, default: "a file", help: "Where they are from."),
        Key("tokens", .text, default: "its own runs", help: "Whose tokens the loss is of."),
        Key("E", .number(in: .from(0, below: 1e30)), help: "The loss that none falls below."),
        Key("A", positive, help: "The factor of the parameters."),
        Key("B", positive, help: "The factor of the tokens."),
        Key("alpha", exponent, help: "The exponent of the parameters."),
        Key("beta", exponent, help: "The exponent of the tokens."),
        Key(
          "compute", .list(of: positive, count: 2...2), default: .absent,
          help: "The least and the greatest compute of the runs."),
        Key(
          "replicates", .list(of: .list(of: .number(in: .any), count: 5...5), count: 0...10_000),
          default: "[]", help: "The laws of a bootstrap: E, A, B, alpha and beta of each."),
      ], help: "A scaling law.")
  }()

  private static let exponent = Kind.number(in: .above(0, to: 10))

  package init(file: String) throws(Failure) {
    let settings = try Settings(file: file, schema: Self.record)
    var replicates: [ScalingLaw] = []
    for (place, list) in settings.list("replicates").enumerated() {
      let numbers = list.list.map(\.number)
      guard numbers[0] >= 0, numbers[1...].allSatisfy({ $0 > 0 }) else {
        throw settings.failure(
          at: "replicates", "expected numbers above 0, found others at place \(place)")
      }
      replicates.append(
        ScalingLaw(
          e: numbers[0], a: numbers[1], b: numbers[2], alpha: numbers[3], beta: numbers[4]))
    }
    let bounds = settings.optionalValue("compute")?.list.map(\.number) ?? [1e-300, 1e300]
    guard bounds[0] <= bounds[1] else {
      throw settings.failure(at: "compute", "expected the least before the greatest")
    }
    self.init(
      name: settings.text("name"), source: settings.text("source"),
      law: ScalingLaw(
        e: settings.number("E"), a: settings.number("A"), b: settings.number("B"),
        alpha: settings.number("alpha"), beta: settings.number("beta")),
      replicates: replicates, tokens: settings.text("tokens"), compute: bounds[0]...bounds[1])
  }

  /// The text of a file of these constants.
  package var fileText: String {
    JSONValue.object(
      [
        ("name", .string(name)), ("source", .string(source)), ("tokens", .string(tokens)),
      ] + law.members + [
        ("compute", .array([.number(compute.lowerBound), .number(compute.upperBound)])),
        ("replicates", .array(replicates.map { .array($0.members.map(\.1)) })),
      ]
    ).description + "\n"
  }
}

extension ScalingLaw {
  /// The constants by name, for JSON.
  package var members: [(String, JSONValue)] {
    Self.constants.map { ($0.name, .number(self[keyPath: $0.value])) }
  }
}
