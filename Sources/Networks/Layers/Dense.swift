internal import Configuration
internal import Graphs

/// x·Wᵀ + b along the last axis: every output from every input of a vector, a step or a place.
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
    ], help: "Every output from every input, along the last axis: at each step or place by itself.")

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
    let shape = pass.shape(of: x)
    let inputs = shape[shape.rank - 1]
    let result = Shape(shape.extents.dropLast() + [units])
    try pass.checkSize(of: result)
    let weight = try pass.parameter(
      "weight", [units, inputs], initialiser.distribution(fanIn: inputs, fanOut: units))
    let rows = pass.builder.reshape(x, [shape.count / inputs, inputs])
    let y = pass.builder.matrixProduct(rows, weight, transposeRight: true)
    return pass.builder.reshape(hasBias ? try pass.addBias(to: y) : y, result)
  }
}
