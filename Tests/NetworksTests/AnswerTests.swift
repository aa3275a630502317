import Foundation
import Graphs
import TestSupport
import Testing

import Networks

/// What a user is told of outputs: probabilities once, never of probabilities again.
@Suite struct AnswerTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let loss: String
    let last: String?
    let outputs: [Double]
    let targets: TargetType
    let answers: [Double]
    let areProbabilities: Bool

    var testDescription: String { "\(loss) of \(last ?? "outputs") for \(targets)" }
  }

  /// Of 1, 2 and 3.
  private static let softmax = [0.0900305731703805, 0.244728471054798, 0.665240955774822]
  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private static let cases = [
    Case(
      loss: "cross_entropy", last: nil, outputs: [1, 2, 3], targets: .classes(3), answers: softmax,
      areProbabilities: true),
    Case(
      loss: "cross_entropy", last: "softmax", outputs: [1, 2, 3], targets: .classes(3),
      answers: softmax, areProbabilities: true),
    Case(
      loss: "binary_cross_entropy", last: nil, outputs: [1, -2], targets: .classes(2),
      answers: [sigmoid(1), sigmoid(-2)], areProbabilities: true),
    Case(
      loss: "binary_cross_entropy", last: "sigmoid", outputs: [1, -2], targets: .values(2),
      answers: [sigmoid(1), sigmoid(-2)], areProbabilities: true),
    Case(
      loss: "binary_cross_entropy", last: nil, outputs: [3], targets: .classes(2),
      answers: [1 - sigmoid(3), sigmoid(3)], areProbabilities: true),
    Case(
      loss: "binary_cross_entropy", last: "sigmoid", outputs: [3], targets: .classes(2),
      answers: [1 - sigmoid(3), sigmoid(3)], areProbabilities: true),
    Case(
      loss: "mse", last: nil, outputs: [5, -7], targets: .values(2), answers: [5, -7],
      areProbabilities: false),
    Case(
      loss: "huber", last: nil, outputs: [5, -7], targets: .classes(2), answers: [5, -7],
      areProbabilities: false),
    Case(
      loss: "mse", last: "softmax", outputs: [1, 2, 3], targets: .classes(3), answers: softmax,
      areProbabilities: true),
  ]

  @Test(arguments: cases) func each(_ example: Case) throws {
    let count = example.outputs.count
    let network = try network(
      ["dense: \(count)"] + (example.last.map { [$0] } ?? []), loss: example.loss, sample: [1],
      targets: example.targets)
    let program = try network.answeringProgram(samples: 2)
    #expect(program.inputs.allSatisfy { $0.name == "samples" }, "answers need no labels")
    let results = try ReferenceEvaluator(program).evaluate(
      inputs: ["samples": Tensor([2, 1], [0, 0])],
      parameters: [
        "dense1/weight": Tensor([count, 1], repeating: 0),
        "dense1/bias": Tensor([count], example.outputs),
      ])
    let found = try #require(results["answers"]).elements
    let expected = example.answers + example.answers
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(found)")
    #expect(network.givesProbabilities == example.areProbabilities)
  }

  /// Dropout and the statistics of a batch belong to training.
  @Test func answersAreThoseOfEvaluation() throws {
    let network = try network(
      ["batchnorm", "dropout: 0.5", "dense: 2"], loss: "mse", sample: [2], targets: .values(2))
    var parameters: [String: Tensor] = [:]
    for (i, parameter) in network.parameters.enumerated() {
      let tensor = noise(parameter.shape, unit: i)
      parameters[parameter.name] = Tensor(parameter.shape, tensor.elements.map { $0 + 1.5 })
    }
    let inputs = ["samples": noise([3, 2], unit: 9), "targets": noise([3, 2], unit: 10)]
    let scored = try ReferenceEvaluator(network.evaluationProgram(samples: 3)).evaluate(
      inputs: inputs, parameters: parameters)
    let answered = try ReferenceEvaluator(network.answeringProgram(samples: 3)).evaluate(
      inputs: inputs, parameters: parameters)
    #expect(answered["answers"]?.elements == scored["predictions"]?.elements)
  }
}
