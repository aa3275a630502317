import Graphs
import TestSupport
import Testing

/// The selective scan alone against PyTorch in float64: results, gradients from one and both of
/// them, and derivatives of gradients.
@Suite struct SelectiveScanParityTests {
  private static let operands = ["u", "delta", "a", "b", "c", "first"]
  private static let seeds = ["y_gradient", "states_gradient"]

  @Test(arguments: ["plain", "one_step", "one_interval", "two_intervals", "odd", "extreme"])
  func referenceIsPyTorch(_ name: String) throws {
    func tensor(_ part: String) throws -> Tensor {
      try Golden.tensor("\(name)/\(part)", of: "mamba/scan")
    }
    var inputs: [String: Tensor] = [:]
    for part in Self.operands + Self.seeds { inputs[part] = try tensor(part) }
    var builder = Builder()
    func leaves(_ parts: [String]) throws -> [Value] {
      try parts.map {
        builder.input($0, TensorType(.float32, try #require(inputs[$0]).shape))
      }
    }
    let (x, seeds) = try (leaves(Self.operands), leaves(Self.seeds))
    let results = builder.results(of: .composite(.selectiveScan), x)
    var outputs = [Output("y", results[0]), Output("states", results[1])]
    func add(_ values: [Value], _ group: String, _ names: [String]) {
      for (value, name) in zip(values, names) {
        outputs.append(Output("\(group)/\(name)", value))
      }
    }
    func product(_ result: Int) -> Value {
      builder.total(builder.multiply(results[result], seeds[result]))
    }
    let gradients = builder.gradients(of: results[0], seed: seeds[0], by: x)
    add(gradients, "gradient", Self.operands)
    add(
      builder.gradients(of: builder.add(product(0), product(1)), by: x), "gradient_of_both",
      Self.operands)
    let squares = gradients.map { builder.total(builder.multiply($0, $0)) }
    let sum = squares.dropFirst().reduce(squares[0]) { builder.add($0, $1) }
    let norm = builder.multiply(sum, by: 0.5)
    add(
      builder.gradients(of: norm, by: x + [seeds[0]]), "second", Self.operands + ["y_gradient"])
    let found = try ReferenceEvaluator(builder.program(outputs: outputs)).evaluate(inputs: inputs)
    for output in outputs {
      let expected = try tensor(output.name)
      let difference = found[output.name]?.difference(
        from: expected, relative: 1e-11, absolute: 1e-13)
      #expect(difference == nil, "\(output.name) of \(name): \(difference ?? "")")
    }
  }
}
