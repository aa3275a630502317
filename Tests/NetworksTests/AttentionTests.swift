import Diagnostics
import Graphs
import Networks
import TestSupport
import Testing

/// Recurrent layers that attend to a memory; their numbers are in ParityTests.
@Suite struct AttentionTests {
  private static let fields = [
    TargetType.NamedField("memory", NumberType.float32, [5, 2]),
    TargetType.NamedField("flat", NumberType.float32, [2]),
    TargetType.NamedField("lengths", NumberType.int32, []),
    TargetType.NamedField("words", NumberType.int32, [5], entries: 9),
  ]

  private func network(_ layers: [String]) throws -> Network {
    try NetworksTests.network(
      layers + ["dense: 2"], loss: "mse", sample: [4, 3], targets: .values([4, 2]),
      fields: Self.fields)
  }

  /// Steps of a memory behind the end have no weight at all: any finite numbers can stand there.
  @Test(arguments: ["rnn", "lstm", "gru", "mgu"])
  func whatIsBehindTheEndDoesNotMatter(_ cell: String) throws {
    let network = try network([
      "\(cell): {units: 3, input: [samples, memory], attention: 4, memory_lengths: lengths}"
    ])
    let program = try network.trainingProgram(samples: 3)
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = noise(parameter.shape, unit: parameter.number)
    }
    let lengths = [1, 5, 3]
    func results(_ memory: Tensor) throws -> [String: Tensor] {
      var inputs: [String: Tensor] = ["scale": Tensor([1], [0.125])]
      for (name, type) in program.inputs where name != "scale" {
        inputs[name] =
          switch name {
          case "lengths": Tensor(type.shape, lengths.map(Double.init))
          case "memory": memory
          default: noise(type.shape, unit: 900)
          }
      }
      return try ReferenceEvaluator(program).evaluate(inputs: inputs, parameters: parameters)
    }
    let memory = noise([3, 5, 2], unit: 901)
    var (other, nearer) = (memory.elements, memory.elements)
    for (sample, length) in lengths.enumerated() {
      for step in length..<5 {
        for place in 0..<2 { other[(5 * sample + step) * 2 + place] = 1000 }
      }
      nearer[(5 * sample + length - 1) * 2] += 0.5
    }
    let found = try results(memory)
    #expect(try results(Tensor([3, 5, 2], other)) == found)
    #expect(try results(Tensor([3, 5, 2], nearer)) != found)
  }

  /// A memory of one step is read as it is, whatever the scores are.
  @Test func theOnlyStepIsTheContext() throws {
    let network = try network([
      "rnn: {units: 3, input: [samples, memory], attention: 4, memory_lengths: lengths}"
    ])
    let program = try network.forwardProgram(samples: 1)
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = noise(parameter.shape, unit: parameter.number)
    }
    func outputs() throws -> Tensor? {
      try ReferenceEvaluator(program).evaluate(
        inputs: [
          "samples": noise([1, 4, 3], unit: 900), "memory": noise([1, 5, 2], unit: 901),
          "lengths": Tensor([1, 1], [1]),
        ], parameters: parameters)["outputs"]
    }
    let found = try outputs()
    for name in ["weight_query", "weight_memory", "bias_memory", "weight_score"] {
      let shape = try #require(parameters["rnn1/\(name)_l0"]).shape
      parameters["rnn1/\(name)_l0"] = noise(shape, unit: 77)
    }
    let changed = try outputs()
    #expect(found?.difference(from: try #require(changed), relative: 1e-14) == nil)
  }

  @Test func aFieldIsEmbedded() throws {
    let network = try network([
      "embedding: {name: text, input: words, size: 2}",
      "gru: {units: 3, input: [samples, text], attention: 4}",
    ])
    #expect(network.indexLimits == ["words": 9])
    #expect(network.parameters[0].shape == [9, 2])
  }

  @Test(arguments: [
    (["gru: {units: 3, attention: 4}"], "expected input: [SEQUENCE, MEMORY]"),
    (["gru: {units: 3, input: [samples, memory]}"], "or two with the key attention, found 2"),
    (
      ["gru: {units: 3, input: [samples, memory, memory], attention: 4}"],
      "takes a sequence and a memory, found 3 inputs"
    ),
    (["gru: {units: 3, input: [samples, flat], attention: 4}"], "needs a sequence"),
    (
      ["gru: {units: 3, input: [samples, memory], attention: 4, layers: 2}"],
      "attention: is that of one layer: leave layers out"
    ),
    (
      ["gru: {units: 3, input: [samples, memory], attention: 4, direction: both}"],
      "attention: is that of one layer"
    ),
    (["gru: {units: 3, memory_lengths: lengths}"], "memory_lengths: are those of a second input"),
    (
      ["gru: {units: 3, input: [samples, memory], attention: 4, memory_lengths: length}"],
      "the data have no field 'length' (did you mean 'lengths'?)"
    ),
    (
      [
        "embedding: {name: e, input: memory, size: 2}",
        "gru: {units: 3, input: [samples, e], attention: 2}",
      ],
      "needs 'entries', the rows of its table: 'memory' is no text"
    ),
    (
      ["gru: 3", "embedding: {entries: 4, size: 2}"],
      "takes the numbers of the samples or of a field"
    ),
  ])
  func mistakesHaveOneLine(_ layers: [String], _ message: String) {
    let error = #expect(throws: Failure.self) { try network(layers) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
