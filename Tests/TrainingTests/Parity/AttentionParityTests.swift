import Graphs
import TestSupport
import Testing

/// Attention alone against PyTorch in float64: results, and gradients from both of them.
@Suite struct AttentionParityTests {
  private static let cases: [(name: String, isCausal: Bool, hasCounts: Bool)] = [
    ("plain", false, false), ("causal", true, false), ("causal_counts", true, true),
    ("shared", true, false), ("one", false, true), ("nothing", false, true),
  ]

  @Test(arguments: cases)
  func referenceIsPyTorch(_ name: String, _ isCausal: Bool, _ hasCounts: Bool) throws {
    func tensor(_ part: String) throws -> Tensor {
      try Golden.tensor("\(name)/\(part)", of: "transformers/attention")
    }
    var inputs: [String: Tensor] = [:]
    for part in ["query", "key", "value", "output_gradient", "log_sum_exp_gradient"] {
      inputs[part] = try tensor(part)
    }
    if hasCounts {
      inputs["counts"] = try Golden.integers("\(name)/counts", of: "transformers/attention")
    }
    var builder = Builder()
    func input(_ part: String, _ number: NumberType = .float32) throws -> Value {
      builder.input(part, TensorType(number, try #require(inputs[part]).shape))
    }
    var operands = try ["query", "key", "value"].map { try input($0) }
    if hasCounts { operands.append(try input("counts", .int32)) }
    let size = try #require(inputs["query"]).shape[3]
    let attention = Composite.Attention(
      scale: 1 / Double(size).squareRoot(), isCausal: isCausal, hasCounts: hasCounts)
    let results = builder.results(of: .composite(.attention(attention)), operands)
    // The gradients of both results are those of a sum of products with them.
    var sums: [Value] = []
    for (result, part) in zip(results, ["output_gradient", "log_sum_exp_gradient"]) {
      sums.append(builder.total(builder.multiply(result, try input(part))))
    }
    let gradients = builder.gradients(
      of: builder.add(sums[0], sums[1]), by: Array(operands.prefix(3)))
    var outputs = [Output("output", results[0]), Output("log_sum_exp", results[1])]
    for (part, gradient) in zip(["query", "key", "value"], gradients) {
      outputs.append(Output("\(part)_gradient", gradient))
    }
    let found = try ReferenceEvaluator(builder.program(outputs: outputs)).evaluate(inputs: inputs)
    for output in outputs {
      let expected = try tensor(output.name)
      let difference = found[output.name]?.difference(from: expected, relative: 1e-12)
      #expect(difference == nil, "\(output.name) of \(name): \(difference ?? "")")
    }
  }
}
