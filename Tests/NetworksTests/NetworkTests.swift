import Configuration
import Diagnostics
import Graphs
import Testing

import Networks

@Suite struct NetworkTests {
  @Test(arguments: LayerKind.all.map(\.record.name))
  func everyKindCanBeNamed(kind: String) throws {
    let settings = [
      "dense": "4", "conv": "4", "conv_transpose": "4", "maxpool": "2", "avgpool": "2",
      "upsample": "2", "dropout": "0.5", "groupnorm": "1", "residual": "[relu]",
      "concat": "[[relu], []]",
      "reshape": "[2, 4, 2]", "embedding": "{entries: 5, size: 3}", "pad": "1", "scale": "0.5",
      "add": "[samples, samples]", "multiply": "[samples, samples]",
      "repeat": "{times: 2, layers: [relu]}", "rnn": "3", "lstm": "3", "gru": "3", "mgu": "3",
      "attention": "2", "positions": "learned", "transformer": "{blocks: 1, heads: 2}",
    ]
    let layer = settings[kind].map { "\(kind): \($0)" } ?? kind
    let sample: Shape =
      switch kind {
      case "dense", "embedding": [4]
      case "rnn", "lstm", "gru", "mgu", "attention", "positions", "transformer", "swiglu", "mamba":
        [4, 4]
      default: [4, 4, 1]
      }
    let network = try network([layer, "flatten", "dense: 10"], sample: sample)
    #expect(network.layers[0].kind == kind)
    let isBlock = ["repeat", "transformer"].contains(kind)
    #expect(network.layers[0].name == (isBlock ? "block" : "\(kind)1"))
  }

  @Test func parametersAreNamedAndShapedAsInPyTorch() throws {
    let network = try network(conv)
    #expect(
      network.parameters.map(\.name) == [
        "conv1/weight", "conv1/bias", "conv2/weight", "conv2/bias", "dense1/weight",
        "dense1/bias", "dense2/weight", "dense2/bias",
      ])
    #expect(
      network.parameters.map(\.shape) == [
        [16, 1, 3, 3], [16], [32, 16, 3, 3], [32], [128, 1568], [128], [10, 128], [10],
      ])
    #expect(network.parameters.map(\.number) == Array(0..<8))
    #expect(network.parameterCount == 206_922)
    for program in [
      try network.trainingProgram(samples: 2), try network.evaluationProgram(samples: 2),
    ] {
      try program.check()
      #expect(
        program.parameters.map(\.name).sorted() == network.parameters.map(\.name).sorted())
    }
  }

  @Test func summaryCountsShapesParametersAndOperations() throws {
    let rows = try network(conv).layers
    #expect(
      rows.map(\.name) == [
        "conv1", "relu1", "maxpool1", "conv2", "relu2", "maxpool2", "flatten1", "dense1", "relu3",
        "dense2",
      ])
    #expect(
      rows.map(\.output.text) == [
        "28x28x16", "28x28x16", "14x14x16", "14x14x32", "14x14x32", "7x7x32", "1568", "128", "128",
        "10",
      ])
    #expect(rows.map(\.parameters) == [160, 0, 0, 4640, 0, 0, 0, 200_832, 0, 1290])
    // The limit of relu is taken once more, after the pooling: what stood before it is not run.
    #expect(
      rows.map(\.flops) == [
        28 * 28 * 16 * (2 * 9 + 1), 28 * 28 * 16, (28 * 28 + 14 * 14) * 16,
        14 * 14 * 32 * (2 * 144 + 1), 14 * 14 * 32, (14 * 14 + 7 * 7) * 32, 0, 128 * (2 * 1568 + 1),
        128, 10 * (2 * 128 + 1),
      ])
    #expect(rows.map(\.kind).prefix(3) == ["conv", "relu", "maxpool"])
  }

  @Test func runningNumbersCountNamedLayersToo() throws {
    let network = try network([
      "conv: {filters: 2, name: stem}", "conv: 2", "flatten", "dense: {units: 10, name: head-1}",
    ])
    #expect(network.layers.map(\.name) == ["stem", "conv2", "flatten1", "head-1"])
    #expect(network.parameters[0].name == "stem/weight")
  }

  /// Output sizes and weight shapes from PyTorch's formulas, `same` from TensorFlow's.
  @Test(arguments: [
    ("conv: {filters: 4, kernel: 5, padding: valid}", [9, 7, 6], [5, 3, 4], [4, 6, 5, 5]),
    ("conv: {filters: 4, kernel: [3, 1], padding: valid}", [9, 7, 6], [7, 7, 4], [4, 6, 3, 1]),
    ("conv: {filters: 4, stride: 2}", [9, 7, 6], [5, 4, 4], [4, 6, 3, 3]),
    ("conv: {filters: 4, stride: [2, 3]}", [9, 7, 6], [5, 3, 4], [4, 6, 3, 3]),
    ("conv: {filters: 4, stride: 2, padding: 1}", [9, 8, 6], [5, 4, 4], [4, 6, 3, 3]),
    ("conv: {filters: 4, kernel: 2, padding: 3}", [1, 1, 6], [6, 6, 4], [4, 6, 2, 2]),
    ("conv: {filters: 4, dilation: 2}", [9, 7, 6], [9, 7, 4], [4, 6, 3, 3]),
    ("conv: {filters: 4, dilation: 3, padding: valid}", [9, 7, 6], [3, 1, 4], [4, 6, 3, 3]),
    ("conv: {filters: 4, groups: 2}", [9, 7, 6], [9, 7, 4], [4, 3, 3, 3]),
    ("conv: {filters: 6, groups: 6, kernel: 1}", [9, 7, 6], [9, 7, 6], [6, 1, 1, 1]),
    ("conv: {filters: 3, kernel: 4}", [5, 6, 1], [5, 6, 3], [3, 1, 4, 4]),
    (
      "conv: {filters: 4, stride: 2, padding: [0, [1, 2]]}", [9, 7, 6], [4, 4, 4], [4, 6, 3, 3]
    ),
    ("conv: {filters: 4, padding: [[2, 0], 1]}", [9, 7, 6], [9, 7, 4], [4, 6, 3, 3]),
    ("conv_transpose: 4", [9, 7, 6], [9, 7, 4], [6, 4, 3, 3]),
    ("conv_transpose: {filters: 4, stride: 2}", [9, 7, 6], [18, 14, 4], [6, 4, 3, 3]),
    ("conv_transpose: {filters: 4, kernel: 2, stride: 3}", [3, 2, 6], [9, 6, 4], [6, 4, 2, 2]),
    (
      "conv_transpose: {filters: 4, stride: 2, padding: valid}", [4, 3, 6], [9, 7, 4],
      [6, 4, 3, 3]
    ),
    (
      "conv_transpose: {filters: 4, stride: 2, padding: 1, output_padding: 1}", [4, 3, 6],
      [8, 6, 4], [6, 4, 3, 3]
    ),
    (
      "conv_transpose: {filters: 4, kernel: [3, 2], stride: [3, 2], padding: [[1, 0], 0], "
        + "output_padding: [2, 0], dilation: [2, 1], groups: 2}", [4, 3, 6], [15, 6, 4],
      [6, 2, 3, 2]
    ),
    ("pad: 2", [9, 7, 6], [13, 11, 6], []),
    ("pad: [1, [0, 2]]", [9, 7, 6], [11, 9, 6], []),
    ("upsample: [3, 1]", [2, 7, 6], [6, 7, 6], []),
    ("reshape: [6, 7, 9]", [9, 7, 6], [6, 7, 9], []),
    ("reshape: 378", [9, 7, 6], [378], []),
    ("concat: [[], [{conv: 5}, relu], [relu]]", [9, 7, 6], [9, 7, 17], []),
    ("concat: [[flatten], [{conv: 5}, global_avgpool]]", [9, 7, 6], [383], []),
    ("maxpool: 2", [9, 7, 6], [4, 3, 6], []),
    ("maxpool: [3, 2]", [9, 7, 6], [3, 3, 6], []),
    ("maxpool: {size: 3, stride: 2}", [9, 7, 6], [4, 3, 6], []),
    ("maxpool: {size: 3, stride: 2, padding: 1}", [9, 7, 6], [5, 4, 6], []),
    ("maxpool: {size: 2, stride: 1, padding: 1}", [2, 2, 6], [3, 3, 6], []),
    ("maxpool: {size: [1, 7], stride: [4, 1]}", [9, 7, 6], [3, 1, 6], []),
    ("maxpool: {size: 3, stride: 2, padding: [[1, 0], [0, 1]]}", [8, 8, 6], [4, 4, 6], []),
    ("maxpool: {size: [3, 4], stride: 2, padding: [0, 2]}", [9, 7, 6], [4, 4, 6], []),
    ("maxpool: {size: 2, ceil_mode: true}", [9, 7, 6], [5, 4, 6], []),
    ("maxpool: {size: 3, stride: 4, padding: 1, ceil_mode: true}", [9, 7, 6], [3, 2, 6], []),
    ("maxpool: {size: 3, ceil_mode: true}", [2, 7, 6], [1, 3, 6], []),
    ("reshape: [-1, 9, 6]", [9, 7, 6], [7, 9, 6], []),
    ("reshape: [6, -1]", [9, 7, 6], [6, 63], []),
    ("reshape: -1", [9, 7, 6], [378], []),
    ("groupnorm: 3", [9, 7, 6], [9, 7, 6], []),
    ("rmsnorm", [9, 7, 6], [9, 7, 6], []),
    ("softmax", [9, 7, 6], [9, 7, 6], []),
    ("dropout: 0.5", [9, 7, 6], [9, 7, 6], []),
    ("flatten", [9, 7, 6], [378], []),
  ])
  func shapes(layer: String, sample: [Int], output: [Int], weight: [Int]) throws {
    let network = try network([layer, "flatten", "dense: 10"], sample: Shape(sample))
    #expect(network.layers[0].output == Shape(output))
    let first = network.parameters.first { $0.name.hasPrefix("conv") && $0.shape.rank == 4 }
    let isInside = first?.name.contains("branch") ?? true
    #expect(isInside ? weight.isEmpty : first?.shape.extents == weight)
    #expect(network.parameters.suffix(2).first?.shape == [10, output.reduce(1, *)])
    try network.trainingProgram(samples: 3).check()
  }

  @Test func layersInBranchesAreNamedAfterThem() throws {
    let network = try network(
      [
        "concat: {branches: [[conv: 2], [], [{conv: 3}, {conv: 1}]], name: fork}", "flatten",
        "dense: 10",
      ])
    #expect(
      network.parameters.map(\.name) == [
        "fork/branch1/conv1/weight", "fork/branch1/conv1/bias", "fork/branch3/conv1/weight",
        "fork/branch3/conv1/bias", "fork/branch3/conv2/weight", "fork/branch3/conv2/bias",
        "dense1/weight", "dense1/bias",
      ])
  }

  @Test func embeddingsTellWhatTheyTake() throws {
    let network = try network(
      [
        "concat: [[embedding: {entries: 9, size: 2}], [embedding: {entries: 7, size: 3}]]",
        "flatten", "dense: 10",
      ], sample: [4])
    #expect(network.indexLimits["samples"] == 7)
    #expect(network.layers[0].output == [1, 4, 5])
    #expect(try NetworksTests.network(conv).indexLimits["samples"] == nil)
  }

  @Test func anEmbeddingHasARowForEachTokenOfAText() throws {
    let text = TargetType.classes(7, shape: [4], tokens: 7)
    let model = ["embedding: {size: 3}", "dense: 7"]
    let network = try network(model, sample: [4], targets: text)
    #expect(network.parameters.first?.shape == [7, 3])
    #expect(network.indexLimits["samples"] == 7)
    let written = ["embedding: {entries: 9, size: 3}", "dense: 7"]
    #expect(
      try NetworksTests.network(written, sample: [4], targets: text).parameters.first?.shape
        == [9, 3])
  }

  @Test func aDenseLayerHasAnOutputForEachTokenOfAText() throws {
    let text = TargetType.classes(7, shape: [4], tokens: 7, text: .next)
    let layers = ["embedding: {size: 3}", "gru: 5", "dense: tokens"]
    let network = try network(layers, sample: [4], targets: text)
    #expect(
      try network.trainingProgram(samples: 2)
        == NetworksTests.network(layers.dropLast() + ["dense: 7"], sample: [4], targets: text)
        .trainingProgram(samples: 2))
    // One step has the same layers.
    #expect(try network.stepPrograms(samples: 1).step.output("scores") != nil)
    let failure = #expect(throws: Failure.self) {
      try NetworksTests.network(["dense: tokens"], sample: [4])
    }
    #expect(
      failure?.message.contains(
        "dense1: tokens are those of a text, and the data have none to predict: give a number")
        == true,
      "\(failure?.message ?? "")")
  }

  @Test func flattenOfVectorsIsAllowedAndWritesNothing() throws {
    let plain = try network(["dense: 10"], sample: [5])
    let flat = try network(["flatten", "dense: 10"], sample: [5])
    #expect(
      try plain.trainingProgram(samples: 2) == flat.trainingProgram(samples: 2))
  }
}
