import Configuration
import Diagnostics
import Foundation
import Graphs
import ModelFiles
import Networks
import TestSupport
import Testing

/// Models that are written and read back.
@Suite struct RoundTripTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    useSubnormals()
  }

  private static func network(_ layers: String) throws -> Model {
    try Model(
      Settings(
        text: "model: \(layers)\nloss: cross_entropy\n", source: "net.yaml",
        schema: Record("configuration", keys: Model.keys, help: "Test.")))
  }

  /// The model of a network with weights of all magnitudes.
  static func model(
    _ layers: String, sample: Shape, layout: WeightLayout? = nil,
    generation: StoredModel.Generation? = nil
  ) throws -> (model: StoredModel, tensors: [String: StoredTensor]) {
    let whole = try network(layers)
    let network = try Network(whole, sample: sample, targets: .classes(3))
    var random = XorShift(seed: 17)
    var tensors: [String: StoredTensor] = [:]
    for parameter in network.parameters {
      let values = (0..<parameter.count).map { _ -> Float in
        let bits = UInt32(truncatingIfNeeded: random.next())
        let value = Float(bitPattern: bits)
        return parameter.name.hasSuffix("running_var")
          ? abs(value.isFinite ? value : 1) : value.isFinite ? value : -0.0
      }
      tensors[parameter.name] = StoredTensor(parameter.name, parameter.shape.extents, values)
    }
    let all = tensors
    let model = try StoredModel(
      whole, sample: sample.extents, coding: "shape: \(sample.extents)\n", learningRate: 0.002,
      adam: StoredModel.Adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), layout: layout,
      generation: generation
    ) { all[$0] }
    return (model, tensors)
  }

  private func expectSameBits(_ model: StoredModel, _ tensors: [String: StoredTensor]) throws {
    let path = folder.path(of: "model.smodel")
    try model.write(to: path)
    let read = try StoredModel(reading: path)
    #expect(read.family == model.family && read.mark == model.mark && read.sample == model.sample)
    let imported = try ImportedLayers(read)
    #expect(try imported.layers.setting() == ImportedLayers(model).layers.setting())
    #expect(Set(imported.tensors.map(\.name)) == Set(tensors.keys))
    for (name, tensor) in imported.tensors {
      let expected = try #require(tensors[name])
      #expect(tensor.shape == expected.shape)
      #expect(
        tensor.values.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(name)")
    }
    // What was written is JSON, and nothing else stays in the folder.
    _ = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
    #expect(folder.names(in: "") == ["model.smodel"])
  }

  static let dense = """
    [{dense: {units: 5, name: first}}, tanh, {dense: 4}, {leaky_relu: 0.1}, {dense: 6}, swish,
    {dense: {units: 3, bias: false}}, softmax]
    """

  @Test(arguments: WeightLayout.allCases)
  func denseLayers(_ layout: WeightLayout) throws {
    let (model, tensors) = try Self.model(Self.dense, sample: [4], layout: layout)
    guard case .brain(let brain) = model.family else { throw Failure(.badData, "not dense") }
    #expect(brain.layout == layout && brain.learningRate == 0.002 && brain.adam?.beta2 == 0.999)
    try expectSameBits(model, tensors)
  }

  /// The bias of a softmax is a weight of the layer before, and norms of lobes are one scale and
  /// one shift.
  @Test(
    arguments: WeightLayout.allCases,
    ["relu", "tanh", "sigmoid", "swish", "{leaky_relu: 0.1}", "flatten"])
  func biasesOfSoftmaxAndNormsOfLobes(_ layout: WeightLayout, _ activation: String) throws {
    let words = activation == "flatten" ? "" : "\(activation), "
    let (model, tensors) = try Self.model(
      "[{layernorm: {epsilon: 5e-5, affine: shared}}, {dense: 4}, \(words){dense: 3}, softmax]",
      sample: [5], layout: layout)
    guard case .brain = model.family else { throw Failure(.badData, "not dense") }
    try expectSameBits(model, tensors)
  }

  /// What Neuron computes with such a file, which knows no bias there, is the same.
  @Test func biasesOfSoftmaxCountWithoutBeingRead() throws {
    let (model, tensors) = try Self.model(
      "[{dense: 2}, tanh, {dense: 3}, softmax]", sample: [2], layout: .natural)
    let lobes = try model.lobes()
    #expect(lobes.map(\.nodes) == [2, 3, 3] && lobes[1].hasConstant)
    #expect(Array(lobes[1].weights[4...]) == [0, 0])
    #expect(lobes[1].bias[2] * lobes[1].biasWeights[2] == 1)
    let bias = try #require(tensors["dense2/bias"]).values
    let weights = try #require(tensors["dense2/weight"]).values
    for node in 0..<3 {
      #expect(
        Array(lobes[2].weights[3 * node..<3 * node + 2]) == Array(weights[2 * node..<2 * node + 2]))
      let weight = Double(lobes[2].weights[3 * node + 2])
      #expect(isClose(weight * tanh(1.0), Double(bias[node]), relative: 1e-6, absolute: 1e-36))
    }
  }

  /// What is said of a layout or not: that of releases 1.5 and 1.6, unless a layout is named.
  @Test(
    arguments: [
      (nil, "permuted"), (.permuted, "permuted"), (.natural, "node-input"),
    ] as [(WeightLayout?, String)])
  func filesSayTheirLayout(_ layout: WeightLayout?, _ word: String) throws {
    let (model, tensors) = try Self.model("[{dense: 3}]", sample: [4], layout: layout)
    try expectSameBits(model, tensors)
    #expect(try folder.text(of: "model.smodel").contains("\"weightLayout\":\"\(word)\""))
  }

  /// Files of both layouts hold the same weights in other places.
  @Test func layoutsDiffer() throws {
    func file(_ layout: WeightLayout) throws -> Data {
      let (model, _) = try Self.model("[{dense: 3}]", sample: [4], layout: layout)
      try model.write(to: folder.path(of: "model.smodel"))
      return try folder.data(of: "model.smodel")
    }
    let (a, b) = (try file(.natural), try file(.permuted))
    #expect(a != b && abs(a.count - b.count) < 8)
  }

  static let networks: [(layers: String, sample: Shape)] = [
    (
      """
      [{conv: {filters: 4, name: stem}}, batchnorm, relu, {pad: [[0, 1], [0, 0]]}, {maxpool: 2},
      {residual: {layers: [{conv: {filters: 4, bias: false}}, batchnorm, relu, {conv: 4}, batchnorm]}}, relu,
      {residual: {name: wide, layers: [{conv: {filters: 6, stride: 2}}, {prelu: 0.1}]}}, relu,
      {conv: {filters: 6, groups: 6, padding: valid, kernel: 1}}, instancenorm, mish, layernorm,
      {conv_transpose: {filters: 2, stride: 2}}, {dropout: 0.4}, {avgpool: [2, 1]}, flatten,
      {reshape: [4, 2, 2]}, selu, flatten, {dense: 3}, layernorm, sigmoid]
      """, [7, 6, 2]
    ),
    ("[flatten, {dense: 4}, relu, {dropout: 0.5}, {dense: 3}]", [2, 3, 1]),
    ("[{conv: 3}, tanh, global_avgpool, {dense: 3}, softmax]", [5, 4, 3]),
  ]

  @Test(arguments: networks)
  func everyLayer(_ layers: String, _ sample: Shape) throws {
    let (model, tensors) = try Self.model(layers, sample: sample)
    #expect(model.family == .sequential)
    try expectSameBits(model, tensors)
  }

  /// Of the models of others, whose layers do more than ours, everything stays as well.
  ///
  /// Two norms in a row, or one at the end, have no place in a file.
  @Test(
    arguments: Set(Reference.names).subtracting([
      "norms", "release-1.4.3-norms", "release-1.5.1-norms",
    ]))
  func modelsOfOthers(_ name: String) throws {
    let read = try StoredModel(reading: Reference.path(name), Reference.choices(name))
    let path = folder.path(of: "model.smodel")
    try read.write(to: path)
    let again = try StoredModel(
      reading: path, StoredModel.Choices(usesStoredStatistics: name.hasSuffix("stored")))
    let (samples, outputs) = try Reference.values(name)
    expectClose(try again.outputs(samples), outputs, within: 1e-6)
  }

  /// The first generation takes dense layers without what it lacks, unless it is asked for.
  @Test func generations() throws {
    let flat = "[flatten, {dense: 4}, relu, {dropout: 0.5}, {dense: 3}]"
    let forced = try Self.model(flat, sample: [2, 3, 1], generation: .first).model
    guard case .brain = forced.family else { throw Failure(.badData, "not dense") }
    #expect(
      try Self.model(Self.dense, sample: [4], generation: .second).model.family == .sequential)
    let slope = Self.dense.replacing("0.1", with: "0.2")
    #expect(try Self.model(slope, sample: [4]).model.family == .sequential)
    let failure = #expect(throws: Failure.self) {
      _ = try Self.model(slope, sample: [4], generation: .first)
    }
    #expect(failure?.code == .badConfiguration)
    #expect(
      failure?.message.hasSuffix(
        "model.3.leaky_relu: a file for Neuron 1 cannot hold this leaky_relu: it has no such "
          + "activation")
        == true, "\(failure?.message ?? "")")
  }

  @Test(arguments: [
    ("{elu: 1}", "elu: Neuron has no such layer"),
    ("gelu", "gelu: Neuron writes it as a leakyRelu"),
    ("{upsample: 2}", "upsample: Neuron has no such layer"),
    ("{concat: [[relu], [tanh]]}", "concat: Neuron has no such layer"),
    ("{conv: {filters: 2, dilation: 2}}", "conv: Neuron's filters are not dilated"),
    ("{conv: {filters: 2, kernel: [3, 1]}}", "conv: Neuron exchanges height and width"),
    ("{conv: {filters: 2, groups: 2}}", ""),
    ("{conv: {filters: 4, groups: 2}}", "conv: Neuron has one group"),
    ("{conv: {filters: 2, padding: 1}}", "conv: Neuron's padding is 'same' or 'valid'"),
    ("{maxpool: 3}", "maxpool: Neuron's windows are 2x2"),
    ("{maxpool: {size: 2, stride: 1}}", "maxpool: Neuron's windows lie side by side"),
    ("{avgpool: [4, 2]}", "avgpool: windows of 4x2 do not divide a map of 6x4"),
    ("{batchnorm: {epsilon: 0.001}}", "batchnorm: Neuron's epsilon is 1e-05"),
    ("softmax", "softmax: Neuron's is over columns"),
    ("{prelu: {per: channel}}", "prelu: Neuron's has one slope"),
    ("{layernorm: {affine: false}}", "layernorm: Neuron's always scales"),
    ("{layernorm: {over: features}}", "layernorm: Neuron's is over the whole sample"),
    (
      "{conv_transpose: {filters: 2, padding: 1}}",
      "conv_transpose: Neuron's has padding 'same' and one group"
    ),
    (
      "{conv_transpose: {filters: 2, kernel: 4}}",
      "conv_transpose: Neuron places filters of 4 with a stride of 1 otherwise"
    ),
    ("{pad: 1}", "pad: Neuron has zeros around maps only where"),
    ("{residual: [{conv: 2}]}", "residual: Neuron's resNet ends with a relu"),
    ("{scale: 2}", "scale: Neuron has no such layer"),
  ])
  func layersThatNeuronLacks(_ layer: String, _ message: String) throws {
    let layers = "[{conv: 2}, \(layer), flatten, {dense: 3}]"
    guard !message.isEmpty else {
      #expect(try Self.model(layers, sample: [6, 4, 1]).model.layers.count == 4)
      return
    }
    let failure = #expect(throws: Failure.self) {
      _ = try Self.model(layers, sample: [6, 4, 1])
    }
    #expect(failure?.code == .badConfiguration)
    let said = "cannot hold this \(message)"
    #expect(failure?.message.contains(said) == true, "\(failure?.message ?? "")")
    #expect(failure?.message.hasPrefix("net.yaml:1:") == true)
  }

  /// A file is a list of layers with weights of their own and one output.
  @Test(arguments: [
    (
      "[{dense: {units: 4, name: a}}, relu, {add: [a, relu1]}, {dense: 3}]\nloss: mse",
      "1:45: model.2.add: a .smodel file cannot hold this add: a file is a list, whose layers read the one before"
    ),
    (
      "[{dense: {units: 4, name: a}}, {dense: {units: 4, weights_of: a}}, {dense: 3}]\nloss: mse",
      "1:39: model.1.dense: a .smodel file cannot hold this dense: every layer of a file has weights of its own"
    ),
    (
      "[{dense: {units: 4, name: a}}, {dense: {units: 3, name: b}}]\noutputs: [{layer: a, loss: mse}, {layer: b, loss: mse}]",
      "a .smodel file holds a list of layers with one output"
    ),
    (
      "[{repeat: {times: 2, layers: [{dense: 4}]}}, {dense: 3}]\nloss: mse",
      "1:9: model.0.repeat: a .smodel file cannot hold this repeat: Neuron has no such layer"
    ),
  ])
  func graphsAreRefused(_ text: String, _ message: String) throws {
    let model = try Model(
      Settings(
        text: "model: \(text)\n", source: "net.yaml",
        schema: Record("configuration", keys: Model.keys, help: "Test.")))
    let failure = #expect(throws: Failure.self) {
      try StoredModel(model, sample: [4], coding: nil, learningRate: 1, adam: nil) { _ in nil }
    }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.hasPrefix("net.yaml:") == true, "\(failure?.message ?? "")")
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func numbersThatAreNotFinite() throws {
    var (model, _) = try Self.model("[{dense: 3}]", sample: [1])
    model.layers[0].tensors[1] = StoredTensor("bias", [3], [0, .nan, 1])
    let path = folder.path(of: "model.smodel")
    let failure = #expect(throws: Failure.self) { try model.write(to: path) }
    #expect(failure?.code == .notFinite)
    #expect(failure?.message.hasPrefix("'dense1/bias' is not finite") == true)
    #expect(!folder.exists("model.smodel"))
  }

  @Test func layersThatAreReadOnly() throws {
    let failure = #expect(throws: Failure.self) {
      try StoredModel(reading: Reference.path("norms")).write(to: folder.path(of: "model.smodel"))
    }
    #expect(failure?.code == .badData)
    let message = "cannot hold 'gelu1': Neuron writes a gelu as a leakyRelu"
    #expect(failure?.message.hasSuffix(message) == true, "\(failure?.message ?? "")")
    #expect(folder.names(in: "") == [])
  }

  /// Three megabytes, both ways.
  @Test func speed() throws {
    let layers = "[{dense: 300}, relu, {dense: 40}, tanh, {dense: 3}]"
    var (model, _) = try Self.model(layers, sample: [784])
    var random = XorShift(seed: 3)
    for place in model.layers.indices {
      model.layers[place].tensors = model.layers[place].tensors.map { tensor in
        StoredTensor(
          tensor.name, tensor.shape,
          tensor.values.map { _ in Float(random.number(in: -0.1...0.1)) })
      }
    }
    let path = folder.path(of: "model.smodel")
    let clock = ProcessorClock()
    let writing = try clock.measure { try model.write(to: path) }
    let reading = try clock.measure { _ = try StoredModel(reading: path) }
    #expect(try folder.data(of: "model.smodel").count > 2_900_000)
    #expect(writing < .milliseconds(300) && reading < .milliseconds(300), "\(writing) \(reading)")
    print("3 MB model: written in \(writing), read in \(reading)")
  }
}
