import Explanations
import Graphs
import TestSupport
import Testing

/// Loops that are written step by step.
@Suite struct LoopExplanationTests {
  /// h = tanh(w x + u h) over three steps; the loss is the square of the last state.
  private func explanation(_ selection: Selection = .all) throws -> Explanation {
    var builder = Builder()
    builder.loopForm = LoopForm(isUnrolled: true)
    let x = builder.input("x", TensorType(.float32, [1, 3, 1]))
    let (w, u) = (builder.parameter("w", [1, 1]), builder.parameter("u", [1, 1]))
    builder.author = "cell"
    let last = builder.scan(over: [x], from: [builder.constant(0, [1, 1])], with: [w, u]) {
      body, states, items, weights in
      let a = body.add(
        body.matrixProduct(items[0], weights[0]), body.matrixProduct(states[0], weights[1]))
      let h = body.emit(.unary(.tanh), a)
      for (name, value) in [("a", a), ("h", h)] { body.name(value, name) }
      return ([h], [])
    }.carries[0]
    builder.author = "loss"
    let loss = builder.reshape(builder.multiply(last, last), [1])
    let gradients = builder.gradients(of: loss, by: [w, u])
    let program = builder.program(
      outputs: [
        Output("losses", loss), Output("gradient/w", gradients[0]),
        Output("gradient/u", gradients[1]),
      ])
    let explanation = try ProgramExplanation(
      program, inputs: ["x": Tensor([1, 3, 1], [1, 0.5, -1])],
      parameters: ["w": Tensor([1, 1], [0.5]), "u": Tensor([1, 1], [0.8])], selection: selection)
    let whole = Explanation("test", explanation.sections)
    return whole.only(explanation.selection)
  }

  @Test func everyLineIsTrue() throws {
    let equations = try explanation().equations
    #expect(equations.count > 20)
    for (left, right) in equations {
      guard let left = left.value, let right = right.value else { continue }
      #expect(isClose(left, right, relative: 1e-12, absolute: 1e-300), "\(left) is not \(right)")
    }
  }

  @Test(arguments: [
    "cell, step 2",
    "  cell.a₂ = x₂ · w + cell.h₁ · u",
    "    cell.a₂ = 0.5 * 0.5 + 0.462117157 * 0.8 = 0.619693726",
    "back through cell, step 3",
    "  ∂L/∂cell.a₃ = ∂L/∂cell.h₃ * (1 - cell.h₃ * cell.h₃)   (derivative of tanh)",
    "  ∂L/∂u (step 2) = cell.h₁ᵀ · ∂L/∂cell.a₂   (product rule of matrices)",
    "  ∂L/∂u   (the sum over the steps)",
    "  ∂cell.h₃/∂cell.h₁ = ∂cell.h₃/∂cell.h₂ · ∂cell.h₂/∂cell.h₁   (chain rule)",
    "the gradient that reaches each step",
    "  step  ‖∂L/∂cell.h‖",
  ])
  func stepsAreShown(_ line: String) throws {
    let text = try explanation().text
    #expect(text.contains(line), "\(line) is not in\n\(text.joined(separator: "\n"))")
  }

  @Test func derivativesOfSharedWeightsAreSumsOverSteps() throws {
    let text = try explanation().text
    let place = try #require(text.firstIndex(of: "  ∂L/∂w   (the sum over the steps)"))
    let terms = try #require(text[place + 1].split(separator: " = ").dropFirst().first)
    #expect(terms.split(separator: " + ").count == 3)
  }

  @Test func oneTensorOfAStep() throws {
    for name in ["cell.h₂", "cell.h2"] {
      let only = try explanation(.tensor(name))
      #expect(only.sections.flatMap(\.entries).allSatisfy { $0.tensor == "cell.h₂" })
      #expect(
        only.sections.map(\.title) == [
          "cell, step 2", "back through cell, step 3", "from each state to the next",
        ])
    }
  }

  @Test func stepsStandAboveInLaTeX() throws {
    let markdown = try explanation().markdown
    #expect(markdown.contains { $0.contains(#"\mathrm{cell.h}^{(2)}"#) })
    #expect(
      markdown.contains {
        $0.contains(
          #"\left(\frac{\partial \mathrm{cell.h}^{(3)}}{\partial \mathrm{cell.h}^{(2)}}\right)"#)
      })
    #expect(markdown.contains("| ---: | ---: |"))
    #expect(!markdown.contains { $0.contains("₂") && $0.contains("$") })
  }
}
