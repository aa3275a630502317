import Diagnostics
import Graphs
import TestSupport
import Testing

import Networks

/// Which matrices LoRA adapts, and what it leaves as it is.
@Suite struct LoRATests {
  private static let layers = [
    "embedding: {entries: 7, size: 8}", "transformer: {blocks: 2, heads: 2, causal: true}",
    "dense: {units: 6, name: narrow}", "batchnorm", "tanh", "dense: {units: 6, name: again}",
    "dense: {units: 6, weights_of: again}", "dense: {units: 7, bias: false, name: head}",
  ]

  private func fitted(_ lora: String?, _ layers: [String] = layers) throws -> Network {
    try network(
      layers, sample: [5], targets: .classes(7, shape: [5]), set: lora.map { ["lora=\($0)"] } ?? [])
  }

  /// The layers or matrices whose A and B are trained.
  private func adapted(_ names: String) throws -> [String] {
    let network = try fitted("{rank: 2, layers: \(names)}")
    let trained = network.trainedParameters.map(\.name)
    #expect(
      Set(network.parameters.map(\.name)).isSuperset(of: try fitted(nil).parameters.map(\.name)))
    let paths = trained.filter { $0.hasSuffix("/lora_a") }.map { String($0.dropLast(7)) }
    #expect(trained == paths.flatMap { ["\($0)/lora_a", "\($0)/lora_b"] })
    return paths
  }

  @Test func namesStandForLayersAndAllInside() throws {
    let blocks = ["block1", "block2"]
    func inside(_ names: [String], of blocks: [String] = ["block1", "block2"]) -> [String] {
      blocks.flatMap { block in names.map { "\(block)/\($0)" } }
    }
    let attention = ["query", "key", "value", "output"].map { "residual1/attention1/\($0)" }
    let dense = ["residual2/dense1", "residual2/dense2"]
    #expect(try adapted("[attention1]") == inside(attention))
    #expect(try adapted("[query, value]") == inside([attention[0], attention[2]]))
    #expect(try adapted("block2") == inside(attention + dense, of: ["block2"]))
    #expect(try adapted("block") == inside(attention + dense))
    #expect(try adapted("[block1/residual2, head]") == inside(dense, of: ["block1"]) + ["head"])
    #expect(try adapted("narrow") == ["narrow"])
    #expect(
      try adapted("all") == inside(attention + dense, of: blocks) + ["narrow", "again", "head"])
    #expect(try adapted("[again]") == ["again"])
    #expect(try fitted("4").trainedParameters.map(\.shape).first == [4, 8])
  }

  /// A layer of the outermost list has its name for itself.
  @Test func aNameOfTheOutermostListIsAWholePath() throws {
    let layers = ["residual: [dense: 5, relu]", "dense: 5", "dense: 7"]
    func trained(_ name: String) throws -> [String] {
      try network(
        layers, sample: [5], targets: .classes(7), set: ["lora={rank: 2, layers: \(name)}"]
      ).trainedParameters.map(\.name)
    }
    #expect(try trained("dense1") == ["dense1/lora_a", "dense1/lora_b"])
    #expect(try trained("residual1/dense1").first == "residual1/dense1/lora_a")
  }

  /// With B as it begins, nothing changes, and the batch norm reads its averages in training, too.
  @Test func firstOutputsAreThoseOfTheNetworkAlone() throws {
    let (alone, network) = (try fitted(nil), try fitted("{rank: 3, alpha: 7}"))
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = Tensor(
        parameter.shape, firstWeights(parameter, seed: 3).map { Double($0) })
    }
    let samples = Tensor([3, 5], (0..<15).map { Double($0 % 7) })
    var inputs = ["samples": samples, "labels": samples]
    let plain = try ReferenceEvaluator(alone.evaluationProgram(samples: 3)).evaluate(
      inputs: inputs, parameters: parameters)
    inputs["scale"] = Tensor([1], [1])
    let tuned = try ReferenceEvaluator(network.trainingProgram(samples: 3)).evaluate(
      inputs: inputs, parameters: parameters)
    #expect(plain["losses"] == tuned["losses"] && plain["predictions"] == tuned["predictions"])
    #expect(tuned["gradient/head/lora_b"]?.elements.contains { $0 != 0 } == true)
    #expect(tuned["gradient/batchnorm1/running_mean"]?.elements.allSatisfy { $0 == 0 } == true)
    let first = try #require(parameters["narrow/lora_a"]).elements.map { abs($0) }.max() ?? 0
    #expect(first > 0.25 && first <= 1 / 8.0.squareRoot(), "A is drawn as PEFT draws it")
  }

  @Test(arguments: [
    ("[narow]", "there is no layer 'narow' (did you mean 'narrow'?)"),
    (
      "embedding1",
      "'embedding1' has no matrix of its own to adapt: expected dense layers or attention"
    ),
    ("dense3", "'dense3' has no matrix of its own to adapt: expected dense layers or attention"),
    ("dense1/query", "there is no layer 'dense1/query'"),
  ])
  func refusesNames(_ layers: String, _ message: String) {
    expectFailure(message: "--set lora: lora.layers: \(message)") {
      try fitted("{rank: 2, layers: \(layers)}")
    }
  }

  @Test func refusesRanksAndNetworksWithoutMatrices() {
    expectFailure(
      message: "--set lora: lora.rank: expected at most 6, the smaller side of 'narrow/weight' "
        + "[6, 8], found 7"
    ) { try fitted("{rank: 7, layers: [narrow]}") }
    expectFailure(
      message: "--set lora: no layer has a matrix to adapt: expected a dense layer or attention"
    ) {
      try fitted("2", ["embedding: {entries: 7, size: 8}", "conv: 7"])
    }
  }

  private func expectFailure(
    message: String, _ location: Testing.SourceLocation = #_sourceLocation,
    _ body: () throws -> Network
  ) {
    let failure = #expect(throws: Failure.self, sourceLocation: location) { _ = try body() }
    let text = failure.map { "\($0)" } ?? ""
    #expect(text.hasPrefix(message), "\(text)", sourceLocation: location)
  }
}
