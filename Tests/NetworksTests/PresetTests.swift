import Graphs
import Testing

import Networks

/// Parameters whose first values stand in the file, and parameters that stay as they are.
@Suite struct PresetTests {
  private static let given = "{units: 2, weight: [[1, -2, 3.5], [4, 5, 6]], bias: [0.25, -0.5]}"

  @Test func firstValuesAreThoseOfTheFile() throws {
    let network = try network(["dense: \(Self.given)"], sample: [3], targets: .classes(2))
    #expect(network.parameters.map(\.name) == ["dense1/weight", "dense1/bias"])
    #expect(firstWeights(network.parameters[0], seed: 1) == [1, -2, 3.5, 4, 5, 6])
    #expect(firstWeights(network.parameters[0], seed: 2, from: 2, count: 3) == [3.5, 4, 5])
    #expect(firstWeights(network.parameters[1], seed: 1) == [0.25, -0.5])
  }

  @Test func filtersToo() throws {
    let network = try network(
      ["conv: {filters: 1, kernel: 2, weight: [[[[1, 2], [3, 4]]]], bias: [5]}", "flatten"],
      loss: "mse", sample: [2, 2, 1], targets: .values(4))
    #expect(firstWeights(network.parameters[0], seed: 1) == [1, 2, 3, 4])
    #expect(firstWeights(network.parameters[1], seed: 1) == [5])
  }

  @Test(arguments: [
    ("weight", ["dense1/bias", "dense2/weight", "dense2/bias", "dense1/weight"]),
    ("bias", ["dense1/weight", "dense2/weight", "dense2/bias", "dense1/bias"]),
    ("all", ["dense2/weight", "dense2/bias", "dense1/weight", "dense1/bias"]),
  ])
  func whatIsFrozenComesAfterWhatIsTrained(_ freeze: String, _ names: [String]) throws {
    let layers = ["dense: {units: 4, freeze: \(freeze)}", "dense: 2"]
    let network = try network(layers, sample: [3], targets: .classes(2))
    #expect(network.parameters.map(\.name) == names)
    let trained = network.parameters.prefix { $0.role == .trained }
    #expect(network.trainedParameters.count == trained.count)
    #expect(network.parameters.dropFirst(trained.count).allSatisfy { $0.role == .frozen })

    // Its gradient is zero; those of the others are what they are without.
    let free = try NetworksTests.network(
      ["dense: 4", "dense: 2"], sample: [3], targets: .classes(2))
    let (some, all) = (try gradients(network), try gradients(free))
    for parameter in network.parameters {
      let gradient = try #require(some["gradient/\(parameter.name)"])
      if parameter.role == .frozen {
        #expect(gradient.elements.allSatisfy { $0 == 0 })
      } else {
        #expect(gradient == all["gradient/\(parameter.name)"])
      }
      let same = try #require(free.parameters.first { $0.name == parameter.name })
      #expect(firstWeights(parameter, seed: 3) == firstWeights(same, seed: 3), "numbers stay")
    }
  }

  private func gradients(_ network: Network) throws -> [String: Tensor] {
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      let unit = ["dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias"]
        .firstIndex(of: parameter.name)
      parameters[parameter.name] = noise(parameter.shape, unit: try #require(unit))
    }
    return try ReferenceEvaluator(network.trainingProgram(samples: 2)).evaluate(
      inputs: [
        "samples": noise([2, 3], unit: 9), "labels": Tensor([2], [0, 1]),
        "scale": Tensor([1], [0.5]),
      ], parameters: parameters)
  }
}
