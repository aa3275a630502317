import Foundation
import Testing

import Neuron

/// Layers that Swift code builds, beside the same layers in YAML.
@Suite struct NetworkLayerTests {
  private let samples = (0..<24).map { number in
    TrainingData(
      data: (0..<16).map { Float(($0 * 7 + number * 5) % 11) / 11 },
      correct: number % 2 == 0 ? [1, 0] : [0, 1])
  }

  private func brain(_ add: (Brain) -> Void) -> Brain {
    let brain = Brain(
      learningRate: 0.02, epochs: 3, lossFunction: .crossEntropy, descent: .mbgd(size: 8))
    brain.seed = 5
    brain.addInputs(16)
    brain.add(.reshape(4, 4, 1))
    add(brain)
    brain.add(.flatten)
    brain.add(.dense(2))
    brain.add(.softmax)
    brain.add(optimizer: .adam())
    brain.compile()
    return brain
  }

  static let layers: [([NetworkLayer], [String])] = [
    (
      [
        .reshape(4, 4), .dense(4), .positions(learned: false), .attention(heads: 2, causal: true),
        .transformer(blocks: 2, heads: 2, rotary: true, hidden: 6), .swiGLU,
        .mamba(state: 4),
      ],
      [
        "reshape: [4, 4]", "dense: 4", "positions: sinusoidal",
        "attention: {heads: 2, causal: true}",
        "transformer: {blocks: 2, heads: 2, rotary: true, hidden: 6}", "swiglu",
        "mamba: {state: 4}",
      ]
    ),
    ([.conv(3), .relu], ["conv: 3", "relu"]),
    ([.conv(4), .groupNorm(2), .rmsNorm], ["conv: 4", "groupnorm: 2", "rmsnorm"]),
    (
      [.conv(4, kernel: 2, stride: 2, padding: 1, bias: false), .batchNorm, .elu(alpha: 0.5)],
      [
        "conv: {filters: 4, kernel: 2, stride: 2, padding: 1, bias: false}", "batchnorm",
        "elu: 0.5",
      ]
    ),
    (
      [.conv(4, groups: 1, initializer: .xavierUniform).named("stem"), .maxPool(2), .dropout(0.2)],
      ["conv: {filters: 4, init: xavier_uniform, name: stem}", "maxpool: 2", "dropout: 0.2"]
    ),
    (
      [.convTranspose(2, stride: 2), .avgPool(2, stride: 1), .leakyRelu(slope: 0.2)],
      [
        "conv_transpose: {filters: 2, stride: 2}", "avgpool: {size: 2, stride: 1}",
        "leaky_relu: 0.2",
      ]
    ),
    (
      [.residual([.conv(2), .instanceNorm, .swish]), .layerNorm, .prelu, .upsample(2)],
      [
        "residual: [{conv: 2}, instancenorm, swish]", "layernorm: {over: sample}", "prelu",
        "upsample: 2",
      ]
    ),
    (
      [.repeat(2, [.conv(3), .gelu]), .globalAvgPool, .dense(3, bias: false), .softplus(beta: 2)],
      [
        "repeat: {times: 2, layers: [{conv: 3}, gelu]}", "global_avgpool",
        "dense: {units: 3, bias: false}", "softplus: {beta: 2}",
      ]
    ),
    (
      [
        .conv(3).named("a"), .tanh, .conv(3).reading("a").named("b"), .add("a", "b").named("c"),
        .mish, .multiply("tanh1", "mish1").named("d"), .selu, .concat("selu1", "d"), .sigmoid,
      ],
      [
        "conv: {filters: 3, name: a}", "tanh", "conv: {filters: 3, input: a, name: b}",
        "add: {input: [a, b], name: c}", "mish", "multiply: {input: [tanh1, mish1], name: d}",
        "selu", "concat: {input: [selu1, d]}", "sigmoid",
      ]
    ),
    (
      [
        .reshape(4, 4), .lstm(3, peepholes: true, forgetBias: 1, layers: 2, dropout: 0.2),
        .gru(2, resetBefore: true, direction: .both), .mgu(3, variant: 2, direction: .backward),
        .rnn(3, relu: true, returnSequence: false),
      ],
      [
        "reshape: [4, 4]",
        "lstm: {units: 3, peepholes: true, forget_bias: 1, layers: 2, dropout: 0.2}",
        "gru: {units: 2, reset: before, direction: both}",
        "mgu: {units: 3, variant: 2, direction: backward}",
        "rnn: {units: 3, activation: relu, output: last}",
      ]
    ),
  ]

  /// The same bits before, while and after training.
  @Test(arguments: layers.indices)
  func sameBitsAsYAML(_ index: Int) {
    let (built, text) = Self.layers[index]
    let one = brain { brain in for layer in built { brain.add(layer) } }
    let other = brain { brain in for layer in text { brain.add(layer: layer) } }
    #expect(one.compiled && other.compiled)
    #expect(one.weights() == other.weights() && one.weights().count > 2)
    one.train(dataset: (samples, []))
    other.train(dataset: (samples, []))
    #expect(one.loss == other.loss && one.loss.count == 3)
    #expect(one.weights() == other.weights())
    #expect(one.feed(input: samples[0].data) == other.feed(input: samples[0].data))
  }

  @Test func aConvBrainTakesThemToo() {
    func brain(_ add: (ConvBrain) -> Void) -> ConvBrain {
      let brain = ConvBrain(epochs: 1, learningRate: 0.1, inputSize: (4, 4, 1), batchSize: 4)
      brain.logLevel = .none
      brain.addConvolution(filterCount: 2)
      add(brain)
      brain.addDense(2, activation: .softmax)
      brain.compile()
      return brain
    }
    let sample = ConvTrainingData(
      data: [(0..<4).map { row in [Float(row), 1, 2, 0.5] }], label: [])
    let one = brain { $0.add(.batchNorm) }
    let other = brain { $0.add(layer: "batchnorm") }
    #expect(one.feed(data: sample) == other.feed(data: sample) && one.compiled)
    #expect(!brain { $0.add(layer: "batchnrm") }.compiled)
  }

  /// What has no place in a file is refused when the network is compiled.
  @Test(
    arguments: [
      .dense(0), .lstm(0), .gru(2), .conv(0),
      .conv(2, kernel: -1), .dropout(1), .maxPool(0), .softplus(beta: .nan),
      .conv(2).named("a b"), .dense(3).reading("nothing"), .repeat(0, [.relu]),
    ] as [NetworkLayer])
  func valuesOutOfRangeAreRefused(_ layer: NetworkLayer) {
    #expect(!brain { $0.add(layer) }.compiled)
  }
}
