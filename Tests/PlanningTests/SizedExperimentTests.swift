import Configuration
import Datasets
import Diagnostics
import Graphs
import Planning
import Testing
import Training

@Suite struct SizedExperimentTests {
  /// Models with heads, blocks, tied weights, several widths, and a number of outputs as a number.
  private static let models = [
    "transformer": """
    [{embedding: {size: 32}}, {transformer: {blocks: 2, heads: 4, causal: true}}, layernorm,
      {dense: {units: tokens, bias: false, weights_of: embedding1}}]
    """,
    "rotary": """
    [{embedding: {size: 48}}, {transformer: {blocks: 2, heads: 6, kv_heads: 3, causal: true,
      rotary: true, activation: swiglu, hidden: 96, norm: rmsnorm}}, {dense: tokens}]
    """,
    "repeat": """
    [{embedding: {size: 24}}, {repeat: {times: 3, layers: [
      {residual: [rmsnorm, {attention: {heads: 3, causal: true}}]},
      {residual: [rmsnorm, {dense: 72}, swiglu, {dense: 24}]}]}}, {dense: 26}]
    """,
    "recurrent": "[{embedding: {size: 20}}, {lstm: 30}, {gru: {units: 50}}, {dense: tokens}]",
  ]

  private static func configuration(
    _ model: String, _ overrides: [String] = []
  ) throws(Failure) -> RunConfiguration {
    try RunConfiguration(
      text: """
        name: words
        data: {dataset: sentences, steps: 8, train_samples: 64, test_samples: 16, batch: 8}
        model: \(models[model] ?? "")
        loss: cross_entropy
        optimizer: sgd
        train: {epochs: 3}
        """, source: "words.yaml", set: overrides)
  }

  @Test(arguments: models.keys.sorted(), [5e3, 4e4, 3e5, 2e6])
  func theNearestSize(model: String, parameters: Double) throws {
    let experiment = try Experiment(Self.configuration(model))
    let sized = try SizedExperiment(experiment, parameters: parameters, steps: 123) {
      overrides throws(Failure) in try Self.configuration(model, overrides)
    }
    // Of few features each is a large step.
    #expect(abs(Double(sized.parameters) / parameters - 1) <= (parameters < 1e4 ? 0.35 : 0.1))
    // The text that is written gives the same run.
    let read = try RunConfiguration(text: sized.fileText("a test"), source: "planned.yaml")
    #expect(read.settings == sized.configuration.settings)
    let compiled = try sized.compiled(on: experiment.data)
    #expect(compiled.layout.count == sized.parameters)
    #expect(read.schedule.steps(perEpoch: 8) == 123)
    #expect(read.name == "words-planned")
    #expect(compiled.configuration.data.name == "sentences")
  }

  @Test func depthGrowsWithWidth() throws {
    let experiment = try Experiment(Self.configuration("transformer"))
    func blocks(_ parameters: Double) throws -> Int {
      let sized = try SizedExperiment(experiment, parameters: parameters, steps: 1) {
        overrides throws(Failure) in try Self.configuration("transformer", overrides)
      }
      return sized.configuration.settings.sections("model")[1].integer("blocks")
    }
    let now = Double(experiment.layout.count)
    #expect(try blocks(now) == 2)
    #expect(abs(try blocks(8 * now) - 4) <= 1)
    #expect(abs(try blocks(64 * now) - 8) <= 1)
  }

  @Test func sizesThatNoNetworkHas() throws {
    let experiment = try Experiment(Self.configuration("rotary"))
    let failure = #expect(throws: Failure.self) {
      try SizedExperiment(experiment, parameters: 50, steps: 1) {
        overrides throws(Failure) in try Self.configuration("rotary", overrides)
      }
    }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains("cannot have the optimal 50 parameters") == true)
  }
}
