import Graphs
import Testing

@Suite struct ProvenanceTests {
  /// Σ sigmoid(w x)², written by two layers.
  private func program(named author: String = "square") -> Program {
    var builder = Builder()
    builder.author = "product"
    let x = builder.input("x", TensorType(.float32, [3]))
    let w = builder.parameter("w", [3])
    let unused = builder.multiply(x, x)
    _ = builder.add(unused, w)
    let y = builder.emit(.unary(.sigmoid), builder.multiply(w, x))
    builder.author = author
    let loss = builder.total(builder.multiply(y, y))
    let seed = builder.input("seed", TensorType(.float32, []))
    let gradient = builder.gradients(of: loss, seed: seed, by: [w])[0]
    return builder.program(outputs: [Output("losses", loss), Output("gradient/w", gradient)])
  }

  @Test func everyInstructionHasItsAuthor() {
    let program = program()
    #expect(program.provenance.authors.count == program.instructions.count)
    let sigmoid = program.instructions.firstIndex { $0.operation == .unary(.sigmoid) }
    #expect(sigmoid.map { program.provenance.authors[$0] } == "product")
    // A derivative belongs to the layer that it is of.
    #expect(program.provenance.authors.last == "product")
    #expect(program.provenance.authors.contains("square"))
  }

  @Test func stepsAreTheRulesThatWereApplied() throws {
    let program = program()
    let steps = program.provenance.steps
    #expect(
      steps.map(\.operation.description) == [
        "reshape[]", "reduce(sum, axes [0])", "multiply", "multiply", "sigmoid", "multiply",
      ])
    #expect(steps.map(\.operand) == [0, 0, 0, 1, 0, 0])
    // Both factors are the same value, so its derivative is the sum of two parts.
    #expect(steps[2].sum == steps[2].part && steps[3].sum != steps[3].part)
    #expect(program[steps[3].sum].operation == .binary(.add))
    #expect(steps[4].gradient == steps[3].sum)
    #expect(steps[5].sum == program.output("gradient/w"))
    for step in steps { #expect(program[step.result].operands == step.operands) }
  }

  @Test func itIsNoPartOfAProgram() {
    let (a, b) = (program(), program(named: "other"))
    #expect(a.provenance.authors != b.provenance.authors)
    #expect(a == b && a.hashValue == b.hashValue)
  }

  /// The steps of a composite come after the step that they are the steps of.
  @Test func compositesAreFollowedByTheirSteps() throws {
    var builder = Builder()
    builder.author = "loss"
    let logits = builder.parameter("logits", [1, 3])
    let labels = builder.input("labels", TensorType(.int32, [1]))
    let loss = builder.emit(.composite(.softmaxCrossEntropy), logits, labels)
    let seed = builder.input("seed", TensorType(.float32, [1]))
    let gradient = builder.gradients(of: loss, seed: seed, by: [logits])[0]
    let program = builder.program(
      outputs: [Output("losses", loss), Output("gradient/logits", gradient)])
    #expect(program.provenance.steps.map(\.operation) == [.composite(.softmaxCrossEntropy)])

    let expanded = program.expanded()
    #expect(Set(expanded.provenance.authors) == ["loss"])
    let steps = expanded.provenance.steps
    #expect(steps.first?.operation == .composite(.softmaxCrossEntropy))
    #expect(steps.count > 8)
    #expect(steps.last?.sum == expanded.output("gradient/logits"))
    #expect(steps.first?.part == steps.last?.sum)
    for step in steps.dropFirst() { #expect(expanded[step.result].operation == step.operation) }
  }

  @Test func anotherProgramMayHaveNone() {
    let program = program()
    let bare = Program(program.instructions, outputs: program.outputs)
    #expect(bare == program)
    #expect(bare.expanded().provenance.authors.allSatisfy { $0.isEmpty })
    #expect(bare.expanded().provenance.steps.isEmpty)
  }
}
