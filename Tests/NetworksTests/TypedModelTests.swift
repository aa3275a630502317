import Configuration
import Diagnostics
import Graphs
import Testing

import Networks

/// Models that Swift code builds are those that a file writes.
@Suite struct TypedModelTests {
  private static let record = Record("configuration", keys: Model.keys, help: "Test.")

  private func settings(_ text: String) throws -> Settings {
    try Settings(text: text, source: "net.yaml", schema: Self.record)
  }

  /// The settings of a model as if no file had written it.
  private func settings(of model: Model) throws -> Settings {
    try Settings(Self.record, try model.settings())
  }

  @Test func aModelInSwiftIsTheSameInAFile() throws {
    let model = Model(
      LayerList {
        Conv(filters: 4, kernel: 5, stride: Sides(height: 1, width: 2), bias: false)
          .node(named: "stem")
        Activation.leakyRelu(slope: 0.25)
        Repeat(
          2,
          LayerList {
            BatchNorm(momentum: 0.2)
            Activation.gelu
          }
        ).node(named: "norm")
        Concat().node(reading: "stem", "norm")
        MaxPool(2)
        Flatten()
        for units in [8, 6] {
          Dense(units: units, bias: Bias([Float](repeating: 0.5, count: units)))
          Activation.relu
        }
        Dense(
          units: 10, initialiser: .uniform(bound: 0.5), freeze: .bias, constraint: .maxNorm(2))
      }, loss: CrossEntropy(labelSmoothing: 0.1))
    let file = try settings(
      """
      model:
        - conv: {filters: 4, kernel: 5, stride: [1, 2], bias: false, name: stem}
        - leaky_relu: 0.25
        - repeat: {times: 2, layers: [batchnorm: {momentum: 0.2}, gelu], name: norm}
        - concat: {input: [stem, norm]}
        - maxpool: 2
        - flatten
        - dense: {units: 8, bias: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]}
        - relu
        - dense: {units: 6, bias: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]}
        - relu
        - dense: {units: 10, init: {uniform: 0.5}, freeze: bias, constraint: {max_norm: 2}}
      loss: {cross_entropy: {label_smoothing: 0.1}}
      """)
    #expect(try settings(of: model).yaml(includingAll: true) == file.yaml(includingAll: true))
    let networks = try [
      Network(model, sample: [12, 12, 1], targets: .classes(10)),
      Network(file, sample: [12, 12, 1], targets: .classes(10)),
    ]
    #expect(networks[0].parameters == networks[1].parameters)
    #expect(
      try networks[0].trainingProgram(samples: 3).description
        == networks[1].trainingProgram(samples: 3).description)
  }

  @Test func severalOutputsInSwiftAreTheSameInAFile() throws {
    let model = Model(
      LayerList {
        Dense(units: 4).node(named: "body")
        Dense(units: 3).node(named: "class", reading: "body")
        Dense(units: 2).node(named: "place", reading: "body")
      },
      outputs: [
        ModelOutput(CrossEntropy(), of: "class"),
        ModelOutput(Huber(delta: 2), of: "place", target: "corner", weight: 0.5, metrics: ["mae"]),
      ])
    let file = try settings(
      """
      model:
        - dense: {units: 4, name: body}
        - dense: {units: 3, name: class, input: body}
        - dense: {units: 2, name: place, input: body}
      outputs:
        - {layer: class, loss: cross_entropy}
        - {layer: place, loss: {huber: {delta: 2, target: corner}}, weight: 0.5, metrics: [mae]}
      """)
    #expect(try settings(of: model).yaml(includingAll: true) == file.yaml(includingAll: true))
  }

  /// Every layer of a file, decoded and built anew, is written as the file wrote it.
  @Test(arguments: [
    "dense: {units: 3, weight: [[1, 2], [3, 4], [5, 6]], bias: [1, -2, 0.5], init: zeros}",
    "dense: {units: 3, init: {orthogonal: 2}, constraint: {within: [-1, 2]}, freeze: all}",
    "conv: {filters: 2, padding: [[0, 1], [2, 0]], dilation: 2, init: {normal: 0.5}}",
    "conv: {filters: 2, padding: 1, groups: 2, constraint: non_negative}",
    "conv_transpose: {filters: 2, stride: 2, padding: 0, output_padding: [1, 0]}",
    "maxpool: {size: [2, 3], stride: 1, padding: 1}", "avgpool: 3", "global_avgpool",
    "maxpool: {size: 3, padding: [[1, 0], [0, 1]], ceil_mode: true}", "groupnorm: 2",
    "groupnorm: {groups: 3, epsilon: 0.01, affine: false, freeze: bias}", "rmsnorm",
    "rmsnorm: {epsilon: 0.01, freeze: all}",
    "pad: [[0, 1], [1, 0]]", "upsample: [2, 3]", "batchnorm: {epsilon: 0.001, freeze: all}",
    "layernorm: {affine: shared, over: features}", "layernorm: {affine: false}",
    "instancenorm: {freeze: weight}", "flatten", "reshape: [2, -1, 3]", "reshape: 12",
    "embedding: {entries: 5, size: 2, freeze: weight}", "dropout: 0.25", "scale: -2",
    "prelu: {slope: 0.5, per: channel}", "relu", "leaky_relu: 0.5", "elu: 2", "selu",
    "gelu: tanh", "swish", "mish", "softplus: 3", "sigmoid", "tanh", "softmax",
    "residual: {layers: [relu, {dense: 4}], shortcut: pad, name: way}",
    "residual: {layers: [relu], shortcut: [{dense: 2}]}",
    "concat: [[relu], [], [{dense: 1}]]", "concat: {input: [a, b], name: both}", "add: [a, b]",
    "multiply: {input: [a, b, c], name: gate}", "repeat: {times: 3, layers: [tanh]}",
    "rnn: {units: 3, activation: relu, direction: both, layers: 2, dropout: 0.5, output: last}",
    "lstm: {units: 3, peepholes: true, forget_bias: 1, variant: fgr, lengths: ends, remember: 8}",
    "gru: {units: 3, reset: before, init: zeros, recurrent_init: orthogonal, bias: false}",
    "mgu: {units: 2, variant: 2, initial_state: learned, freeze: all, constraint: {max_norm: 1}}",
    "rnn: {units: 2, weights: {weight_ih: [[1], [2]], bias_hh: [3, 4]}, direction: backward}",
    "repeat: {weights_of: block, input: other, name: twin}", "dense: {units: 2, weights_of: a}",
  ])
  func layersRoundTrip(_ text: String) throws {
    let file = try settings("model: [\(text.contains(":") ? "{\(text)}" : text)]\nloss: mse")
    let decoded = try Model(file)
    let nodes = try decoded.layers.nodes.map { node in
      Node(
        try LayerKind.all.decode(node), name: node.name, input: node.input,
        weightsOf: node.weightsOf)
    }
    let anew = try settings(of: Model(LayerList(nodes), loss: MeanSquaredError()))
    #expect(anew.yaml(includingAll: true) == file.yaml(includingAll: true))
  }

  @Test func whatNoFileCouldWriteIsRefused() throws {
    let models = [
      LayerList { Dense(units: 0) }, LayerList { Dropout(1) },
      LayerList { Conv(filters: 1, stride: 0) }, LayerList { BatchNorm(momentum: .nan) },
    ]
    let messages = try models.map { layers in
      try #require(throws: Failure.self) {
        _ = try Model(layers, loss: CrossEntropy()).settings()
      }.message
    }
    #expect(
      messages == [
        "dense.units: expected an integer from 1 to 1073741824, or tokens, found 0",
        "dropout.rate: expected a number of at least 0 and below 1, found 1",
        "conv.stride: expected an integer from 1 to 4096, or a list of 2 of them, found 0",
        "batchnorm.momentum: expected a number above 0 and below 1, found nan",
      ])
  }
}

extension [LayerKind] {
  /// A layer built anew from the settings that it writes.
  fileprivate func decode(_ node: Node) throws -> any Layer {
    let record = try #require(first { $0.record.name == node.kind }).record
    return try Node(
      try Settings(
        record, node.layer.settings().values, replacedBy: ["weights_of"])
    ).layer
  }
}
