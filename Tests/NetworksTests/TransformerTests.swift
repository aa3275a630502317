import Diagnostics
import Foundation
import Graphs
import Networks
import TestSupport
import Testing

/// Attention, positions and the blocks that are written with them; their numbers are in
/// ParityTests.
@Suite struct TransformerTests {
  private static let fields = [
    TargetType.NamedField("memory", NumberType.float32, [5, 4]),
    TargetType.NamedField("narrow", NumberType.float32, [5, 2]),
    TargetType.NamedField("flat", NumberType.float32, [4]),
    TargetType.NamedField("lengths", NumberType.int32, []),
  ]

  private func network(_ layers: [String], sample: Shape = [6, 4]) throws -> Network {
    try NetworksTests.network(
      layers, loss: "mse", sample: sample,
      targets: .values(Shape([sample[0]] + (sample.rank == 2 ? [4] : []))), fields: Self.fields)
  }

  private func parameters(of network: Network) -> [String: Tensor] {
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = noise(parameter.shape, unit: parameter.number)
    }
    return parameters
  }

  private func outputs(
    of network: Network, _ inputs: [String: Tensor]
  ) throws -> Tensor {
    let samples = try #require(inputs["samples"]).shape[0]
    return try #require(
      ReferenceEvaluator(network.forwardProgram(samples: samples))
        .evaluate(inputs: inputs, parameters: parameters(of: network))["outputs"])
  }

  /// The key `transformer` is a short way to write blocks of layers: the same program.
  @Test(arguments: [
    (
      "{blocks: 2, heads: 2, causal: true}",
      """
      {times: 2, layers: [\
      {residual: [{layernorm: {over: features}}, \
      {attention: {heads: 2, causal: true, init: {normal: 0.02}, output_init: {normal: 0.01}}}]}, \
      {residual: [{layernorm: {over: features}}, {dense: {units: 16, init: {normal: 0.02}}}, gelu, \
      {dense: {units: 4, init: {normal: 0.01}}}]}]}
      """
    ),
    (
      """
      {blocks: 1, heads: 4, kv_heads: 2, order: post, norm: rmsnorm, activation: swiglu, hidden: 6, \
      bias: false, dropout: 0.1, init: xavier_uniform, memory: memory, lengths: lengths}
      """,
      """
      {times: 1, layers: [\
      {residual: [{attention: {heads: 4, kv_heads: 2, lengths: lengths, dropout: 0.1, bias: false}}, \
      {dropout: 0.1}]}, rmsnorm, \
      {residual: [{attention: {heads: 4, kv_heads: 2, memory: memory, dropout: 0.1, bias: false}}, \
      {dropout: 0.1}]}, rmsnorm, \
      {residual: [{dense: {units: 12, bias: false, init: xavier_uniform}}, swiglu, \
      {dense: {units: 4, bias: false, init: xavier_uniform}}, {dropout: 0.1}]}, rmsnorm]}
      """
    ),
  ])
  func transformerWritesAList(_ short: String, _ long: String) throws {
    let first = try network(["transformer: \(short)"])
    let second = try network(["repeat: \(long)"])
    #expect(first.parameters == second.parameters)
    #expect(
      try first.trainingProgram(samples: 2).description
        == second.trainingProgram(samples: 2).description)
  }

  @Test func parametersAreNamedAndShapedAsInPyTorch() throws {
    let network = try network([
      "attention: {heads: 4, kv_heads: 2, memory: memory}", "positions: learned",
    ])
    let expected: [(String, Shape)] = [
      ("attention1/query/weight", [4, 4]), ("attention1/query/bias", [4]),
      ("attention1/key/weight", [2, 4]), ("attention1/key/bias", [2]),
      ("attention1/value/weight", [2, 4]), ("attention1/value/bias", [2]),
      ("attention1/output/weight", [4, 4]), ("attention1/output/bias", [4]),
      ("positions1/weight", [6, 4]),
    ]
    #expect(network.parameters.map(\.name) == expected.map(\.0))
    #expect(network.parameters.map(\.shape) == expected.map(\.1))
  }

  /// sin(t / 10000^(2i / c)) and its cosine, to the last digits of Double.
  @Test func sinusoidalPositions() throws {
    let network = try network(["dense: 6", "positions: sinusoidal", "dense: 4"], sample: [300, 4])
    let program = try network.forwardProgram(samples: 1, ofAllLayers: true)
    let values = try ReferenceEvaluator(program).evaluate(
      inputs: ["samples": Tensor([1, 300, 4], [Double](repeating: 0, count: 1200))],
      parameters: parameters(of: network))
    let (before, after) = try (
      #require(values["layer/dense1"]), #require(values["layer/positions1"])
    )
    for step in 0..<300 {
      for feature in 0..<6 {
        let angle = Double(step) / pow(10_000, Double(feature / 2 * 2) / 6)
        let wave = feature % 2 == 0 ? sin(angle) : cos(angle)
        let index = [0, step, feature]
        #expect(abs(after[index] - before[index] - wave) < 1e-12)
      }
    }
  }

  /// Attention with turned queries and keys, step by step from its formula.
  @Test func rotary() throws {
    let network = try network(["attention: {heads: 1, causal: true, rotary: true}"])
    let weights = parameters(of: network)
    let samples = noise([1, 6, 4], unit: 3)
    func row(_ name: String, _ x: [Double]) throws -> [Double] {
      let matrix = try #require(weights["attention1/\(name)/weight"])
      let bias = try #require(weights["attention1/\(name)/bias"])
      return (0..<4).map { i in
        (0..<4).reduce(bias[[i]]) { sum, j in sum + matrix[[i, j]] * x[j] }
      }
    }
    func turned(_ x: [Double], _ step: Int) -> [Double] {
      (0..<4).map { i in
        let angle = Double(step) * pow(10_000, -Double(i % 2) / 2)
        let other = i < 2 ? -x[i + 2] : x[i - 2]
        return x[i] * cos(angle) + other * sin(angle)
      }
    }
    let steps = (0..<6).map { step in (0..<4).map { samples[[0, step, $0]] } }
    let queries = try steps.indices.map { turned(try row("query", steps[$0]), $0) }
    let keys = try steps.indices.map { turned(try row("key", steps[$0]), $0) }
    let values = try steps.map { try row("value", $0) }
    let found = try outputs(of: network, ["samples": samples])
    for step in 0..<6 {
      let powers: [Double] = (0...step).map { other in
        let products: [Double] = zip(queries[step], keys[other]).map { $0 * $1 }
        return exp(products.reduce(0, +) / 2)
      }
      let sum: Double = powers.reduce(0, +)
      let mean: [Double] = (0..<4).map { feature in
        let parts: [Double] = (0...step).map { powers[$0] * values[$0][feature] }
        return parts.reduce(0, +) / sum
      }
      let expected = try row("output", mean)
      for feature in 0..<4 {
        #expect(abs(found[[0, step, feature]] - expected[feature]) < 1e-12)
      }
    }
  }

  /// Later tokens change no bit of what comes before them, in Double and on the engine.
  @Test(arguments: ["", ", rotary: true", ", kv_heads: 1, activation: swiglu", ", order: post"])
  func laterStepsDoNotMatter(_ options: String) throws {
    let network = try network([
      "positions: sinusoidal", "transformer: {blocks: 2, heads: 2, causal: true\(options)}",
    ])
    let samples = noise([2, 6, 4], unit: 7)
    let changed = Tensor([2, 6, 4]) { $0[1] < 4 ? samples[$0] : 100 * samples[$0] }
    let (a, b) = try (
      outputs(of: network, ["samples": samples]), outputs(of: network, ["samples": changed])
    )
    for sample in 0..<2 {
      for step in 0..<6 {
        let isSame = (0..<4).allSatisfy { a[[sample, step, $0]] == b[[sample, step, $0]] }
        #expect(isSame == (step < 4))
      }
    }
  }

  /// Steps behind the length of a sample, or of its memory, change nothing before them.
  @Test func paddingDoesNotMatter() throws {
    let network = try network([
      "transformer: {blocks: 2, heads: 2, lengths: lengths}",
      "attention: {heads: 2, memory: memory, memory_lengths: lengths}",
    ])
    let lengths = [1, 5, 3]
    func values(_ padding: Double) throws -> Tensor {
      let (samples, memory) = (noise([3, 6, 4], unit: 7), noise([3, 5, 4], unit: 8))
      func padded(_ x: Tensor) -> Tensor {
        Tensor(x.shape) { $0[1] < lengths[$0[0]] ? x[$0] : padding }
      }
      return try outputs(
        of: network,
        [
          "samples": padded(samples), "memory": padded(memory),
          "lengths": Tensor([3, 1], lengths.map(Double.init)),
        ])
    }
    let (a, b) = try (values(0), values(1e3))
    for sample in 0..<3 {
      for step in 0..<lengths[sample] {
        for feature in 0..<4 {
          #expect(a[[sample, step, feature]] == b[[sample, step, feature]])
        }
      }
    }
  }

  /// A dense layer that has the weights of an embedding: one parameter with both gradients.
  @Test func tiedWeights() throws {
    let network = try NetworksTests.network(
      [
        "embedding: {entries: 7, size: 4}",
        "dense: {units: 7, bias: false, weights_of: embedding1}",
      ], sample: [3], targets: .classes(7, shape: [3]))
    #expect(network.parameters.map(\.name) == ["embedding1/weight"])
    #expect(network.layers[1].parameters == 0)
  }

  @Test(arguments: [
    (["attention: 3"], "attention1: 4 features cannot be shared by 3 heads equally"),
    (["transformer: {blocks: 1, heads: 3}"], "4 features cannot be shared by 3 heads equally"),
    (["attention: {heads: 4, kv_heads: 3}"], "4 heads cannot share 3 heads of keys and values"),
    (["transformer: {blocks: 1, heads: 4, kv_heads: 3}"], "cannot share 3 heads"),
    (["attention: {heads: 4, rotary: true}"], "turns pairs of features and each head has 1"),
    (
      ["attention: {heads: 2, memory: narrow}"],
      "'narrow' has 2 features a step and the sequence has 4: put 'dense: 4' behind it"
    ),
    (["attention: {heads: 2, memory: flat}"], "needs a sequence"),
    (["attention: {heads: 2, memory: memroy}"], "no layer or field before it is called 'memroy'"),
    (["attention: {heads: 2, memory: memory, causal: true}"], "is for attention to its own steps"),
    (["attention: {heads: 2, memory: memory, rotary: true}"], "is for attention to its own steps"),
    (["attention: {heads: 2, memory_lengths: lengths}"], "are those of a memory: name it"),
    (["transformer: {blocks: 1, heads: 2, memory_lengths: lengths}"], "are those of a memory"),
    (["attention: {heads: 2, lengths: length}"], "the data have no field 'length'"),
    (["dense: 5", "swiglu"], "halves the features, and 5 is odd"),
    (["dense: 5", "positions: sinusoidal"], "adds pairs of a sine and a cosine"),
    (["flatten", "attention: 2"], "needs a sequence (steps x features), found a vector of 24"),
    (["flatten", "positions: learned"], "needs a sequence"),
  ])
  func mistakes(_ layers: [String], _ message: String) {
    let failure = #expect(throws: Failure.self) { try network(layers) }
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
    #expect(failure?.message.contains("\n") == false)
  }
}
