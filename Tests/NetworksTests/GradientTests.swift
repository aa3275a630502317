import Graphs
import TestSupport
import Testing

import Networks

/// Gradients of training programs against central differences of their losses.
@Suite struct GradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let layers: [String]
    var sample: Shape = [6, 5, 2]
    var loss = "cross_entropy"
    var targets = TargetType.classes(3)
    var set: [String] = []

    var testDescription: String { "\(layers.joined(separator: ", ")) with \(loss)" }
  }

  static let cases = layers + graphs + lora

  /// Shared matrices have shared adapters.
  static let lora = [
    Case(
      layers: [
        "attention: {heads: 2, kv_heads: 1}", "repeat: {times: 2, layers: [dense: 4, tanh]}",
        "dense: {units: 4, name: shared}", "dense: {units: 4, weights_of: shared}", "flatten",
        "dense: 3",
      ], sample: [3, 4], set: ["lora={rank: 2, alpha: 3}"])
  ]

  static let graphs = [
    Case(
      layers: [
        "conv: {filters: 4, name: body}", "global_avgpool", "dense: 4", "sigmoid",
        "multiply: [body, sigmoid1]", "concat: {input: [multiply1, body, samples]}", "flatten",
        "dense: 3",
      ]),
    Case(
      layers: [
        "dense: 4", "repeat: {times: 2, layers: [{dense: 4}, {groupnorm: 1}, swish], name: a}",
        "repeat: {input: samples, weights_of: a, times: 2, name: b}", "scale: -1",
        "add: [a, scale1]", "multiply: [add1, add1]", "dense: 3",
      ], sample: [4]),
    Case(
      layers: ["dense: 5", "tanh: {name: trunk}", "dense: 3", "dense: {units: 4, input: trunk}"],
      sample: [4],
      loss: "[{layer: dense2, loss: cross_entropy}, {layer: dense3, weight: 0.3, "
        + "loss: {mse: {target: samples}}}]"),
  ]

  static let layers = [
    Case(layers: ["dense: 3"], sample: [4]),
    Case(layers: ["dense: 5", "sigmoid", "dense: 3", "softmax"], sample: [4]),
    Case(layers: ["dense: 5", "tanh", "dense: {units: 3, bias: false}"], sample: [4], loss: "mse"),
    Case(layers: ["dense: 5", "relu", "dense: 3", "softmax"], sample: [4], loss: "mse"),
    Case(
      layers: ["dense: 5", "relu", "dropout: 0.4", "dense: 2"], sample: [4], loss: "mse",
      targets: .values(2)),
    Case(layers: ["conv: 4", "relu", "maxpool: 2", "flatten", "dense: 3"]),
    Case(
      layers: [
        "dropout: 0.2", "conv: {filters: 4, kernel: [3, 2], stride: [2, 1], groups: 2}", "tanh",
        "conv: {filters: 3, dilation: 2, padding: 1, bias: false}", "sigmoid",
        "maxpool: {size: 3, stride: 1, padding: 1}", "dropout: 0.3", "flatten", "dense: 3",
        "softmax",
      ]),
    Case(
      layers: ["conv: {filters: 3, padding: valid}", "softmax", "flatten", "dense: 3"],
      loss: "mse"),
    Case(
      layers: [
        "conv: {filters: 4, kernel: [2, 3], stride: [2, 1], padding: [[1, 0], [0, 2]]}", "prelu",
        "conv_transpose: {filters: 2, kernel: [3, 2], stride: 2, groups: 2}", "swish",
        "conv_transpose: {filters: 3, stride: [1, 2], padding: [0, [1, 0]], dilation: [1, 2], "
          + "output_padding: [0, 1]}", "prelu: {per: channel, slope: -0.3}", "flatten", "dense: 3",
      ], loss: "{cross_entropy: {label_smoothing: 0.2, class_weights: [1, 0.5, 3]}}"),
    Case(
      layers: [
        "conv: {filters: 2, stride: 2}", "layernorm", "gelu", "upsample: [2, 1]",
        "concat: [[{conv: 3}, mish], [], [elu: 0.7]]", "layernorm: {affine: false}",
        "reshape: [7, 3, 6]", "conv: {filters: 2, stride: 2}", "reshape: 16", "layernorm",
        "dense: 3",
      ], loss: "{cross_entropy: {class_weights: [1, 2, 2]}}"),
    Case(
      layers: [
        "conv: {filters: 3, stride: 2, bias: false}", "instancenorm", "pad: [[1, 0], 2]", "tanh",
        "scale: -0.7",
        "maxpool: 2", "flatten", "dense: 3",
      ]),
    Case(
      layers: [
        "conv: 6", "groupnorm: 3", "tanh",
        "maxpool: {size: 3, stride: 2, padding: [[1, 0], 1], ceil_mode: true}", "rmsnorm",
        "groupnorm: 1", "reshape: [-1, 6]", "groupnorm: {groups: 2, affine: false}", "flatten",
        "groupnorm: 9", "dense: 3",
      ]),
    Case(
      layers: ["dense: 6", "gelu: tanh", "dense: 6", "selu", "dense: 2"], sample: [4],
      loss: "{huber: 0.6}", targets: .values(2)),
    Case(
      layers: ["dense: 6", "softplus: 2", "dense: 6", "leaky_relu: 0.2", "dense: 2"], sample: [4],
      loss: "mae", targets: .values(2)),
    Case(
      layers: ["dense: 6", "softplus", "dense: 3", "sigmoid"], sample: [4],
      loss: "binary_cross_entropy"),
    Case(
      layers: ["dense: 6", "mish", "dense: 2"], sample: [4],
      loss: "{binary_cross_entropy: {positive_weight: 2.5}}", targets: .values(2)),
    Case(
      layers: ["dense: 6", "layernorm: {affine: shared}", "tanh", "dense: 3", "softmax"],
      sample: [4], loss: "{cross_entropy: {label_smoothing: 0.1}}", targets: .values(3)),
    Case(layers: ["dense: 1"], sample: [4], loss: "binary_cross_entropy", targets: .classes(2)),
    Case(layers: ["embedding: {entries: 4, size: 3}", "flatten", "dense: 3"], sample: [5]),
    Case(
      layers: [
        "conv: {filters: 4, stride: 2, padding: [2, 1]}", "residual: [{conv: 5}, tanh]",
        "layernorm: {over: features}", "maxpool: {size: 3, stride: 1, padding: 1}", "pad: [0, 1]",
        "upsample: 2", "avgpool: 2", "conv_transpose: {filters: 3, stride: 2, bias: false}",
        "instancenorm", "dense: 4", "swish", "dense: 2", "softmax",
      ], sample: [5, 3], loss: "{cross_entropy: {label_smoothing: 0.2, class_weights: [1, 3]}}",
      targets: .classes(2, shape: [8], ignoresSome: true)),
    Case(
      layers: ["flatten", "dense: 12", "reshape: [4, 3]", "layernorm: {over: sample}", "dense: 1"],
      sample: [5, 3], loss: "{binary_cross_entropy: {positive_weight: 2}}",
      targets: .classes(2, shape: [4], ignoresSome: true)),
    Case(
      layers: ["conv: 3", "layernorm: {over: features}", "mish", "dense: 2"], sample: [3, 4, 2],
      loss: "mse", targets: .values([3, 4, 2], ignoresSome: true)),
    Case(
      layers: ["conv: 3", "gelu", "dense: 2"], sample: [3, 4, 2], loss: "{huber: 0.3}",
      targets: .classes(2, shape: [3, 4], ignoresSome: true)),
    Case(
      layers: ["dense: 3"], sample: [4, 2], loss: "{cross_entropy: {label_smoothing: 0.3}}",
      targets: .values([4, 3], ignoresSome: true)),
    Case(
      layers: [
        "rnn: {units: 3, direction: both, initial_state: learned}",
        "lstm: {units: 2, layers: 2, dropout: 0.3, peepholes: true}", "dense: 2", "softmax",
      ], sample: [4, 3], targets: .classes(2, shape: [4], ignoresSome: true)),
    Case(
      layers: [
        "gru: {units: 3, direction: backward}", "mgu: {units: 3, output: last, direction: both}",
        "dense: 3",
      ], sample: [4, 3]),
    Case(
      layers: [
        "embedding: {entries: 4, size: 3}", "lstm: {units: 3, variant: fgr, peepholes: true}",
        "gru: {units: 3, reset: before, remember: 2, output: last}", "dense: 3",
      ], sample: [5]),
    Case(
      layers: ["flatten", "dense: 4", "tanh", "dense: 12"], sample: [2, 3, 2],
      loss: "{mae: {target: samples}}"),
  ]

  @Test(arguments: cases)
  func gradientsAreThoseOfScaledLosses(_ net: Case) throws {
    let count = 3
    let network = try network(
      net.layers, loss: net.loss, sample: net.sample, targets: net.targets, set: net.set)
    let program = ReferenceEvaluator(try network.trainingProgram(samples: count))
    let scale = 0.125
    var samples = noise(Shape([count] + net.sample.extents), unit: 1000)
    if let limit = network.indexLimits["samples"] {
      samples.elements = samples.elements.indices.map { Double($0 % limit) }
    }
    let shape = Shape([count] + net.targets.shape.extents)
    var targets = noise(shape, unit: 1001)
    if let classes = net.targets.classes {
      targets.elements = (0..<shape.count).map { Double(($0 + 2) % 3 % classes) }
    }
    if net.targets.ignoresSome {
      for place in stride(from: 0, to: shape.count, by: 3) {
        targets.elements[place] = net.targets.classes == nil ? .nan : -1
      }
    }
    let inputs = [
      "samples": samples, "scale": Tensor([1], [scale]), "labels": targets, "targets": targets,
    ]
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = noise(parameter.shape, unit: parameter.number)
    }
    let results = try program.evaluate(
      inputs: inputs, parameters: parameters, random: dropoutDraws(step: 1))

    func loss(_ name: String, _ index: Int, _ change: Double) throws -> Double {
      var moved = parameters
      moved[name]?.elements[index] += change
      let losses = try program.evaluate(
        inputs: inputs, parameters: moved, random: dropoutDraws(step: 1))["losses"]
      return scale * (losses?.elements.reduce(0, +) ?? .nan)
    }
    for parameter in network.trainedParameters {
      let gradient = try #require(results["gradient/\(parameter.name)"])
      #expect(gradient.shape == parameter.shape)
      #expect(gradient.elements.contains { abs($0) > 1e-4 }, "\(parameter.name) learns")
      for index in 0..<parameter.count {
        let difference =
          try (loss(parameter.name, index, 1e-5) - loss(parameter.name, index, -1e-5)) / 2e-5
        #expect(
          isClose(gradient.elements[index], difference, relative: 1e-6, absolute: 1e-9),
          "\(parameter.name)[\(index)]: \(gradient.elements[index]), not \(difference)")
      }
    }
  }
}
