internal import Configuration
internal import Graphs

/// x·Wᵀ + b: every output from every input.
struct Dense: Layer {
  static let schema = Record(
    "dense", main: "units",
    keys: [
      Key("units", .integer(in: 1...(1 << 30)), help: "How many outputs."),
      Preset.bias("Whether a learned number is added to each; or the first of these."),
      Initialiser.key(),
      Preset.weight(rank: 2),
      Preset.freeze,
      WeightConstraint.key,
      nameKey,
    ], help: "Every output from every input.")

  let name: String?
  private let units: Int
  private let hasBias: Bool
  private let initialiser: Initialiser

  init(_ settings: Settings) {
    name = settings.optionalText("name")
    units = settings.integer("units")
    hasBias = settings.hasBias
    initialiser = Initialiser(settings.section("init"))
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let inputs = try pass.vector(x)
    let weight = try pass.parameter(
      "weight", [units, inputs], initialiser.distribution(fanIn: inputs, fanOut: units))
    let y = pass.builder.matrixProduct(x, weight, transposeRight: true)
    return hasBias ? try pass.addBias(to: y) : y
  }
}
