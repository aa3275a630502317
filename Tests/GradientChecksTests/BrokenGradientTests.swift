import Datasets
import Diagnostics
import GradientChecks
import Graphs
import Networks
import Reports
import Testing

import Training

/// The gradient check finds each rule that is broken, and passes batch norms of few samples.
@Suite struct BrokenGradientTests {
  private static let samples = (0..<12).map { sample in
    "[\((0..<8).map { "\(Double((sample * 7 + $0 * 5) % 19) / 7 - 1.2)" }.joined(separator: ", "))]"
  }.joined(separator: ", ")

  private static func supervised(_ model: String, _ loss: String) -> String {
    """
    name: broken
    data:
      dataset: table
      samples: [\(samples)]
      labels: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]
      batch: 4
    model: [\(model), {dense: 3}]
    loss: \(loss)
    optimizer: sgd
    """
  }

  /// Networks that have all rules between them.
  private static let networks = [
    supervised(
      "{reshape: [2, 2, 2]}, {upsample: 2}, {conv: {filters: 4, groups: 2}}, prelu, "
        + "{residual: [{conv_transpose: {filters: 2}}, elu, batchnorm]}, {concat: [[gelu], [mish], []]}, "
        + "{maxpool: 2}, {pad: [[0, 1], 1]}, instancenorm, {conv: 3}, {avgpool: 2}, flatten, {dense: 6}, "
        + "layernorm, softmax, {dense: 6}, selu, softplus, swish, {dense: 5}, tanh, sigmoid",
      "cross_entropy"),
    supervised("{dense: 6}, batchnorm, relu", "{cross_entropy: {label_smoothing: 0.1}}"),
    supervised("{dense: 6}, tanh", "binary_cross_entropy"),
    supervised("{dense: 6}, relu", "{huber: 0.5}"),
    supervised("{dense: 6}, tanh", "mae"),
    """
    name: broken
    data: {dataset: table, samples: [[0, 2, 1], [1, 0, 3], [3, 1, 1], [2, 2, 0]], labels: [0, 1, 0, 1], batch: 2}
    model: [{embedding: {entries: 4, size: 3}}, flatten, {dense: 2}]
    loss: cross_entropy
    optimizer: sgd
    """,
    adversarial(
      "wasserstein_gp", "{reshape: [2, 4, 1]}, {conv: 3}, layernorm, tanh, {maxpool: 2}, flatten"),
    adversarial(
      "wasserstein_gp",
      "{reshape: [2, 4, 1]}, {conv: 3}, softplus, {avgpool: 2}, flatten, {dense: 4}, softmax"),
    adversarial("wasserstein_gp", "{dense: 5}, sigmoid, {dense: 5}, gelu, {dense: 4}, elu, prelu"),
    adversarial("non_saturating", "{dense: 5}, batchnorm, tanh"),
  ]

  private static func adversarial(_ loss: String, _ critic: String) -> String {
    """
    name: broken
    data: {dataset: table, samples: [\(samples)], labels: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], batch: 4}
    generator: [{dense: 6}, tanh, {dense: 8}]
    critic: [\(critic), {dense: 1}]
    adversarial: {loss: \(loss), noise: {size: 4}}
    optimizer: {generator: sgd, critic: sgd}
    """
  }

  /// What a rule is called: its operation, and the operand that it is for.
  private static func name(_ operation: Operation, _ operand: Int) -> String {
    switch operation {
    case .unary(let unary): unary.rawValue
    case .binary(let binary): "\(binary.rawValue) \(operand)"
    case .reduce(let reduction, _): reduction.rawValue
    case .composite(let composite):
      "\(composite)".filter { !$0.isNumber } + " \(operand)"
    default: "\("\(operation)".prefix { $0.isLetter }) \(operand)"
    }
  }

  /// What no error can be made in, or none that reaches a gradient: sums hand on the gradient
  /// itself, and the maximum that softmax subtracts cancels.
  private static func isWithoutEffect(_ rule: String) -> Bool {
    ["add 0", "add 1", "subtract 0", "maximum"].contains(rule)
  }

  /// What only the printed loss is made of.
  private static let besideGradients = ["softmaxCrossEntropy 0"]

  /// A part that is 1 % too large is found, wherever it belongs to.
  @Test func everyBrokenRuleIsFound() throws {
    var found: [String: Bool] = [:]
    for text in Self.networks {
      let experiment = try Experiment(RunConfiguration(text: text, source: "broken.yaml"))
      for group in experiment.parameterGroups {
        let right = try GradientChecker.program(of: experiment, group)
        for step in right.provenance.steps {
          let name = Self.name(step.operation, step.operand)
          guard found[name] != true, step.part.index > step.result.index,
            step.part != step.gradient, !Self.isWithoutEffect(name)
          else { continue }
          let wrong = right.scaling(step.part, by: 1.01)
          let check = try GradientChecker(experiment, group, exact: wrong, compiled: wrong)
            .check(workers: 2)
          found[name] = check.verdict == .wrong
        }
      }
    }
    let missed = found.filter { !$0.value }.keys.sorted()
    #expect(missed.isEmpty, "\(missed)")
    let rules = [
      "negate", "exp", "expm1", "log1p", "sqrt", "tanh", "sigmoid", "erf",
      "multiply 0", "multiply 1", "divide 0", "divide 1", "maximum 0", "select 1", "select 2",
      "sum",
      "matrixProduct 0", "matrixProduct 1", "convolution 0", "convolution 1",
      "convolutionInputGradient 0", "convolutionInputGradient 1", "concatenate 0", "slice 0",
      "pad 0",
      "permute 0", "broadcast 0", "gather 0", "maxPool 0", "poolScatter 1",
      "poolSum 0", "poolSpread 0",
    ]
    #expect(Set(rules).subtracting(found.keys) == [], "\(found.keys.sorted())")
  }

  /// The same of what the engine computes.
  @Test func everyBrokenEngineIsFound() throws {
    var found: [String: Bool] = [:]
    for text in Self.networks {
      let experiment = try Experiment(RunConfiguration(text: text, source: "broken.yaml"))
      for group in experiment.parameterGroups {
        let right = try GradientChecker.program(of: experiment, group)
        for value in right.values {
          let name = Self.name(right[value].operation, value.result)
          guard found[name] != true, right.type(of: value).number == .float32,
            right[value].operands.count > 0, !Self.besideGradients.contains(name)
          else { continue }
          let check = try GradientChecker(
            experiment, group, exact: right, compiled: right.scaling(value, by: 1.01)
          ).check(workers: 2)
          found[name] = check.verdict == .wrong
        }
      }
    }
    let missed = found.filter { !$0.value }.keys.sorted()
    #expect(missed.isEmpty, "\(missed)")
    #expect(found.count >= 40)
  }

  /// Statistics are of enough numbers, and so the gradients of what is normalised are not next to
  /// none.
  @Test(
    arguments: ["cross_entropy", "mse", "binary_cross_entropy"],
    ["{dense: 6}, batchnorm, relu", "{dense: 8}, batchnorm, tanh, {dense: 5}, batchnorm"])
  func batchNormsOfDenseLayersAreRight(_ loss: String, _ model: String) throws {
    for seed in 1...3 {
      let experiment = try Experiment(
        RunConfiguration(
          text: Self.supervised(model, loss) + "\nseed: \(seed)", source: "norm.yaml"))
      let check = try GradientChecker.check(experiment, workers: 2)
      #expect(check.verdict == .right, "\(check.table)")
      #expect(check.samples == 12)
    }
  }

  /// What rounding hides is neither right nor wrong: beside a gradient of some 1e-9, 1 - p is 0.
  @Test func saturatedClassesAreUndecidable() throws {
    let experiment = try Experiment(
      RunConfiguration(
        text: """
          name: saturated
          data: {dataset: table, samples: [[1], [-1]], labels: [0, 1], batch: 2}
          model: [{dense: {units: 2, weight: [[10], [-10]], bias: [0, 0]}}]
          loss: cross_entropy
          optimizer: sgd
          """, source: "saturated.yaml"))
    let check = try GradientChecker.check(experiment, workers: 1)
    #expect(check.verdict == .undecidable, "\(check.table)")
    #expect(check.json.description.contains("\"verdict\": \"undecidable\""))
    #expect(check.json.description.hasPrefix("{\"passes\": true"))
  }
}

extension Program {
  /// The program with one of its values multiplied wherever it is used.
  fileprivate func scaling(_ value: Value, by factor: Double) -> Program {
    var builder = Builder()
    var places = ValueTable<Value>()
    for (index, instruction) in instructions.enumerated() {
      places.append(builder.emit(instruction, operands: instruction.operands.map { places[$0] }))
      if index == value.index { places[value] = builder.multiply(places[value], by: factor) }
    }
    return builder.program(outputs: outputs.map { Output($0.name, places[$0.value]) })
  }
}
