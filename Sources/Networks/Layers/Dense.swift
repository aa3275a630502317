package import Configuration
package import Graphs

/// x·Wᵀ + b along the last axis: every output from every input of a vector, a step or a place.
package struct Dense: Layer, Configurable {
  package var units: Units
  package var bias: Bias
  package var initialiser: Initialiser
  package var weight: Numbers?
  package var freeze: Frozen?
  package var constraint: WeightConstraint?

  package init(
    units: Int, bias: Bias = true, initialiser: Initialiser = .heNormal, weight: Numbers? = nil,
    freeze: Frozen? = nil, constraint: WeightConstraint? = nil
  ) {
    self.units = .count(units)
    self.bias = bias
    self.initialiser = initialiser
    self.weight = weight
    self.freeze = freeze
    self.constraint = constraint
  }

  package static let schema = Schema(
    "dense", Dense(units: 1), main: "units",
    [
      Property(
        "units", \.units, isRequired: true,
        help: "How many outputs; tokens: one for each token that the data predict."),
      .bias(\.bias, help: "Whether a learned number is added to each; or the first of these."),
      .initialiser(\.initialiser), .weight(\.weight, ranks: 2...2), .freeze(\.freeze),
      .constraint(\.constraint),
    ], help: "Every output from every input, along the last axis: at each step or place by itself.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    try pass.linear(
      x, outputs: pass.count(of: units), initialiser, given: weight, constraint: constraint,
      bias: bias)
  }
}
