import Diagnostics
import Foundation
import Graphs
import TestSupport
import Testing

import Networks

/// The layer `mamba`; its numbers beside PyTorch's are in ParityTests.
@Suite struct MambaTests {
  private func network(
    _ layers: [String] = ["mamba: {state: 3, expand: 2, conv: 3, dt_rank: 2}"],
    steps: Int = 20
  ) throws -> Network {
    try NetworksTests.network(
      layers, loss: "mse", sample: [steps, 4], targets: .values([steps, 4]))
  }

  private func parameters(of network: Network) -> [String: Tensor] {
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = noise(parameter.shape, unit: parameter.number)
    }
    return parameters
  }

  private func outputs(of network: Network, _ samples: Tensor) throws -> Tensor {
    try #require(
      ReferenceEvaluator(network.forwardProgram(samples: samples.shape[0]))
        .evaluate(inputs: ["samples": samples], parameters: parameters(of: network))["outputs"])
  }

  @Test func parametersAreNamedAndShapedAsInThePaper() throws {
    let network = try network(["mamba: {state: 3, dt_rank: 2}"])
    let expected: [(String, Shape)] = [
      ("in_proj/weight", [16, 4]), ("conv1d/weight", [8, 4]), ("conv1d/bias", [8]),
      ("x_proj/weight", [8, 8]), ("dt_proj/weight", [8, 2]), ("dt_proj/bias", [8]),
      ("A_log", [8, 3]), ("D", [8]), ("out_proj/weight", [4, 8]),
    ]
    #expect(network.parameters.map(\.name) == expected.map { "mamba1/\($0.0)" })
    #expect(network.parameters.map(\.shape) == expected.map(\.1))
  }

  /// One number of each step for every 16 features that begin.
  @Test(arguments: [(1, 1), (16, 1), (17, 2), (128, 8)])
  func standardRank(features: Int, rank: Int) throws {
    let network = try NetworksTests.network(
      ["mamba"], loss: "mse", sample: [5, features], targets: .values([5, features]))
    let matrix = try #require(network.parameters.first { $0.name == "mamba1/dt_proj/weight" })
    #expect(matrix.shape == [2 * features, rank])
    let projection = try #require(network.parameters.first { $0.name == "mamba1/x_proj/weight" })
    #expect(projection.shape == [rank + 32, 2 * features])
  }

  /// The first weights are those of the paper's code, and those without decay, too.
  @Test func firstWeights() throws {
    let network = try NetworksTests.network(
      ["mamba: {dt_rank: 4}"], loss: "mse", sample: [5, 300], targets: .values([5, 300]))
    func first(_ name: String) throws -> [Float] {
      let parameter = try #require(network.parameters.first { $0.name == "mamba1/\(name)" })
      var numbers = [Float](repeating: 0, count: parameter.count)
      // In two pieces, as a rank may own a part.
      let cut = parameter.count / 3
      unsafe numbers.withUnsafeMutableBufferPointer {
        unsafe parameter.initialise(.init(rebasing: $0[..<cut]), seed: 1)
        unsafe parameter.initialise(.init(rebasing: $0[cut...]), from: cut, seed: 1)
      }
      return numbers
    }
    let logarithms = try first("A_log")
    for (place, number) in logarithms.enumerated() {
      #expect(abs(Double(number) - log(Double(place % 16 + 1))) < 1e-6)
    }
    #expect(try first("D").allSatisfy { $0 == 1 })
    // Rates are between 0.001 and 0.1, as many below 0.01 as above.
    let rates = try first("dt_proj/bias").map { log1p(exp(Double($0))) }
    #expect(rates.allSatisfy { $0 > 0.000999 && $0 < 0.1001 })
    let slow = Double(rates.count { $0 < 0.01 }) / Double(rates.count)
    #expect(abs(slow - 0.5) < 0.07)
    for (name, bound) in [
      ("in_proj/weight", 1 / 300.0.squareRoot()), ("conv1d/weight", 0.5), ("conv1d/bias", 0.5),
      ("x_proj/weight", 1 / 600.0.squareRoot()), ("dt_proj/weight", 0.5),
      ("out_proj/weight", 1 / 600.0.squareRoot()),
    ] {
      let largest = try first(name).map { abs(Double($0)) }.max() ?? 0
      #expect(largest <= bound * 1.000001 && largest > 0.97 * bound, "\(name)")
    }
    let decaying = network.parameters.filter(\.decays).map(\.name)
    #expect(
      decaying
        == ["in_proj", "conv1d", "x_proj", "dt_proj", "out_proj"].map { "mamba1/\($0)/weight" })
  }

  /// A step reads no later one.
  @Test func laterStepsChangeNothing() throws {
    let network = try network()
    let x = noise([2, 20, 4], unit: 900)
    let whole = try outputs(of: network, x)
    for cut in [1, 16, 17] {
      let changed = Tensor(x.shape) { $0[1] < cut ? x[$0] : 7 - x[$0] }
      let other = try outputs(of: network, changed)
      for (place, (a, b)) in zip(whole.elements, other.elements).enumerated() {
        #expect((a == b) == (place / 4 % 20 < cut))
      }
    }
  }

  /// One step at a time is the whole sequence, also where another one began before.
  @Test(arguments: [
    ["mamba: {state: 3, conv: 3, dt_rank: 2}"], ["mamba: {state: 1, expand: 3, conv: 1}"],
    ["residual: [rmsnorm, {mamba: {state: 2}}]", "mamba: {conv: 2}"],
  ])
  func stepsAreTheWhole(_ layers: [String]) throws {
    let network = try network(layers)
    let programs = try network.stepPrograms(samples: 2)
    #expect(programs.context == nil && programs.beginning == nil)
    let x = noise([2, 20, 4], unit: 901)
    let whole = try outputs(of: network, x)
    var parameters = parameters(of: network)
    let first = try ReferenceEvaluator(programs.first).evaluate(
      inputs: [:], parameters: parameters)
    parameters.merge(first) { $1 }
    let step = ReferenceEvaluator(programs.step)
    var states: [String: Tensor] = [:]
    for state in programs.states { states[state.name] = noise([2, state.size], unit: 902) }
    // The second sequence begins two steps later.
    for time in 0..<22 {
      let steps = [min(time, 19), max(time - 2, 0)]
      var inputs = states
      inputs["samples"] = Tensor([2, 1, 4]) { x[[$0[0], steps[$0[0]], $0[2]]] }
      inputs[CarriedState.begins] = Tensor([2], [time == 0 ? 1 : 0, time == 2 ? 1 : 0])
      let results = try step.evaluate(inputs: inputs, parameters: parameters)
      let scores = try #require(results["scores"])
      for row in 0..<2 where (0..<20).contains(time - 2 * row) {
        for feature in 0..<4 {
          let expected = whole[[row, steps[row], feature]]
          let found = scores.elements[4 * row + feature]
          #expect(isClose(found, expected, relative: 1e-12, absolute: 1e-14))
        }
      }
      for state in programs.states { states[state.name] = results[state.name] }
    }
  }

  /// What `sample --activations` shows.
  @Test func cells() throws {
    let programs = try network(["gru: 4", "mamba: {state: 2}"]).stepPrograms(
      samples: 1, showsCells: true)
    #expect(programs.cells == ["gru1.r", "gru1.z", "gru1.n", "gru1.h", "mamba1.delta", "mamba1.y"])
  }

  @Test(arguments: [
    ("mamba: {state: 0}", "state"), ("mamba: {expand: 0}", "expand"),
    ("mamba: {conv: 0}", "conv"), ("mamba: {dt_rank: 0}", "dt_rank"),
  ])
  func sizesOfZero(layer: String, key: String) {
    let failure = #expect(throws: Failure.self) { try network([layer]) }
    #expect(failure?.message.contains("\(key): expected") == true)
  }

  @Test func aSequenceShorterThanTheConvolution() throws {
    _ = try network(["mamba: {conv: 4}"], steps: 4)
    let failure = #expect(throws: Failure.self) { try network(["mamba: {conv: 4}"], steps: 3) }
    #expect(
      failure?.message.contains(
        "sees 4 steps at once and a sequence has 3: take at most 3") == true)
  }
}
