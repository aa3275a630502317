import Graphs
import TestSupport
import Testing

import Networks

/// States that go from one run of a program to the next.
@Suite struct CarriedStatesTests {
  /// Every cell, then several layers and learned first states.
  static let layers =
    RecurrentTests.cells.map { "\($0)" }
    + [
      "lstm: {units: 3, layers: 2, initial_state: learned",
      "gru: {units: 3, initial_state: learned",
    ]

  private func network(_ layer: String, steps: Int, end: String = "dense: 2") throws -> Network {
    try NetworksTests.network(
      ["dense: 3", layer, end], loss: "mse", sample: [steps, 2],
      targets: .values([steps, end == "softmax" ? 3 : 2]))
  }

  private func parameters(_ network: Network) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: network.parameters.map {
        ($0.name, noise($0.shape, unit: $0.number))
      })
  }

  /// Numbers `[n, steps, features]` of some steps.
  private func part(_ x: Tensor, _ steps: Range<Int>) -> Tensor {
    let (count, all, size) = (x.shape[0], x.shape[1], x.shape[2])
    return Tensor(
      [count, steps.count, size],
      (0..<count).flatMap { n in
        x.elements[(n * all + steps.lowerBound) * size..<(n * all + steps.upperBound) * size]
      })
  }

  private func inputs(
    _ network: Network, _ samples: Tensor, begins: [Double], _ states: [String: Tensor] = [:]
  ) -> [String: Tensor] {
    let count = samples.shape[0]
    var inputs = [
      "samples": samples, "targets": noise([count, samples.shape[1], 2], unit: 7),
      CarriedState.begins: Tensor([count], begins), "scale": Tensor([1], [1]),
    ]
    for state in network.states {
      inputs[state.name] = states[state.name] ?? noise([count, state.size], unit: 8)
    }
    return inputs
  }

  @Test(arguments: layers)
  func twoBatchesAreOneSequence(_ layer: String) throws {
    let whole = try network("\(layer)}", steps: 6)
    #expect(whole.states.isEmpty)
    let half = try network("\(layer), carry: true}", steps: 3)
    let parameters = parameters(whole)
    let x = noise([2, 6, 2], unit: 900)
    let expected = try ReferenceEvaluator(whole.evaluationProgram(samples: 2)).evaluate(
      inputs: inputs(whole, x, begins: [1, 1]), parameters: parameters)
    let program = try ReferenceEvaluator(half.evaluationProgram(samples: 2))
    let first = try program.evaluate(
      inputs: inputs(half, part(x, 0..<3), begins: [1, 1]), parameters: parameters)
    let second = try program.evaluate(
      inputs: inputs(half, part(x, 3..<6), begins: [0, 0], first), parameters: parameters)
    let y = try #require(expected["predictions"])
    for (found, steps) in [(first, 0..<3), (second, 3..<6)] {
      let predictions = try #require(found["predictions"])
      #expect(predictions.difference(from: part(y, steps), relative: 1e-12, absolute: 1e-14) == nil)
    }
    // A sample that begins knows nothing of the batch before.
    let mixed = try program.evaluate(
      inputs: inputs(half, part(x, 0..<3), begins: [1, 0], first), parameters: parameters)
    let (again, before) = try (
      #require(mixed["predictions"]).elements, #require(first["predictions"]).elements
    )
    #expect(again[..<6] == before[..<6])
    #expect(again[6...] != before[6...])
  }

  /// The gradient ends where the batch begins: a learned first state has one only there.
  @Test func gradientStaysInTheBatch() throws {
    let network = try network(
      "lstm: {units: 3, initial_state: learned, carry: true}", steps: 3)
    let program = try ReferenceEvaluator(network.trainingProgram(samples: 2))
    let x = noise([2, 3, 2], unit: 900)
    for (begins, isMoved) in [([0.0, 0], false), ([0, 1], true)] {
      let results = try program.evaluate(
        inputs: inputs(network, x, begins: begins), parameters: parameters(network))
      for name in ["h0_l0", "c0_l0"] {
        let gradient = try #require(results["gradient/lstm1/\(name)"]).elements
        #expect(gradient.allSatisfy { ($0 != 0) == isMoved })
      }
      #expect(results["gradient/lstm1/weight_hh_l0"]?.elements.contains { $0 != 0 } == true)
    }
  }

  @Test(arguments: layers)
  func stepsAloneAreTheSequence(_ layer: String) throws {
    let whole = try network("\(layer)}", steps: 5, end: "softmax")
    let parameters = parameters(whole)
    let x = noise([2, 5, 2], unit: 900)
    let expected = try #require(
      ReferenceEvaluator(whole.forwardProgram(samples: 2, ofAllLayers: true)).evaluate(
        inputs: ["samples": x], parameters: parameters
      )["layer/\(whole.layers[1].name)"])
    let programs = try whole.stepPrograms(samples: 2)
    #expect(!programs.step.description.contains("scan"))
    let evaluator = ReferenceEvaluator(programs.step)
    let fixed = try ReferenceEvaluator(programs.first).evaluate(parameters: parameters)
    var last: [String: Tensor] = [:]
    for state in programs.states { last[state.name] = noise([2, state.size], unit: 8) }
    for step in 0..<5 {
      var inputs = last.filter { $0.key != "scores" }
      inputs["samples"] = part(x, step..<step + 1)
      inputs[CarriedState.begins] = Tensor([2], repeating: step == 0 ? 1 : 0)
      last = try evaluator.evaluate(
        inputs: inputs, parameters: parameters.merging(fixed) { $1 })
      let scores = try #require(last["scores"])
      let y = part(expected, step..<step + 1)
      #expect(
        Tensor([2, 1, 3], scores.elements).difference(from: y, relative: 1e-12, absolute: 1e-14)
          == nil)
    }
  }

  /// The product of an embedding is taken once for all steps, and so is the sum of biases.
  @Test func whatDependsOnWeightsAloneIsComputedOnce() throws {
    let network = try NetworksTests.network(
      ["embedding: {entries: 9, size: 3}", "lstm: 4", "dense: 9"], sample: [5],
      targets: .classes(9, shape: [5]))
    let programs = try network.stepPrograms(samples: 1)
    let products = programs.step.instructions.count {
      if case .matrixProduct = $0.operation { true } else { false }
    }
    #expect(products == 2)
    let types = programs.first.outputs.map { programs.first.type(of: $0.value).shape }
    #expect(types.contains([9, 16]))
    #expect(!programs.step.parameters.map(\.name).contains("embedding1/weight"))
  }

  @Test(arguments: [
    ["conv: {filters: 2, kernel: 3}"], ["lstm: {units: 2, direction: both}"],
    ["lstm: {units: 2, direction: backward}"], ["layernorm: {over: sample}"],
  ])
  func noStepsWhereLayersReadSeveral(_ layers: [String]) throws {
    let network = try NetworksTests.network(
      layers + ["dense: 2"], loss: "mse", sample: [4, 2], targets: .values([4, 2]))
    #expect(throws: (any Error).self) { try network.stepPrograms(samples: 1) }
  }

  @Test(arguments: ["backward", "both"])
  func carriedForwardAlone(_ direction: String) {
    #expect(throws: (any Error).self) {
      try network("lstm: {units: 3, carry: true, direction: \(direction)}", steps: 3)
    }
  }
}
