import Datasets
import Graphs
import Networks
import Testing
import Training

/// A network of which there is a golden file, as a configuration would have it.
struct ParityCase: Sendable, CustomTestStringConvertible {
  let name: String
  let sample: Shape
  var targets = TargetType.classes(10)
  var fields: [TargetType.NamedField] = []
  let model: String
  /// Of the last layer, or a list of outputs.
  var loss = "cross_entropy"
  var optimizer = "{adam: 0.001}"
  /// What is trained beside weights that stay; all weights are trained if it is nil.
  var lora: String?

  var testDescription: String { name }

  static let samples = 64
  static let steps = 10

  static let mlp = ParityCase(
    name: "mlp", sample: [784], model: "[{dense: 32}, relu, {dense: 10}]")

  static let momentum = ParityCase(
    name: "mlp_momentum", sample: mlp.sample, model: mlp.model,
    optimizer: "{sgd: {learning_rate: 0.05, momentum: 0.9}}")

  static let conv = ParityCase(
    name: "conv", sample: [28, 28, 1],
    model: """
      [{conv: 8}, relu, {maxpool: 2}, {conv: 16}, relu, {maxpool: 2}, flatten, {dense: 32}, relu,
       {dense: 10}]
      """)

  static let regression = ParityCase(
    name: "regression", sample: [20], targets: .values(5),
    model: "[{dense: 16}, tanh, {dense: 12}, sigmoid, {dense: 5}]", loss: "mse")

  static let activations = ParityCase(
    name: "activations", sample: [20], targets: .values(5),
    model: """
      [{dense: 12}, {leaky_relu: 0.1}, {dense: 12}, prelu, {dense: 12}, {elu: 0.7}, {dense: 12}, selu,
       {dense: 12}, gelu, {dense: 12}, {gelu: tanh}, {dense: 12}, swish, {dense: 12}, mish,
       {dense: 12}, {softplus: 2}, layernorm, {dense: 5}]
      """, loss: "{huber: 0.5}")

  static let decoder = ParityCase(
    name: "decoder", sample: [20],
    model: """
      [{dense: 32}, {reshape: [4, 4, 2]},
       {conv_transpose: {filters: 4, stride: 2, padding: 1, output_padding: 1}},
       {prelu: {per: channel}},
       {conv_transpose: {filters: 6, kernel: [3, 2], stride: [1, 2], padding: [2, 1],
        dilation: [2, 1], groups: 2, bias: false}},
       {concat: [[{conv: 3}, mish], [], [{conv: {filters: 2, kernel: [1, 3], dilation: 2}}]]},
       layernorm, {upsample: [1, 2]}, {avgpool: 4}, flatten, {dense: 10}]
      """,
    loss: """
      {cross_entropy: {label_smoothing: 0.1, class_weights: [1, 0.5, 2, 1, 1, 3, 1, 1, 0.25, 1]}}
      """)

  static let text = ParityCase(
    name: "text", sample: [12], targets: .values(3),
    model: """
      [{embedding: {entries: 30, size: 8}},
       {conv: {filters: 6, kernel: [1, 3], dilation: [1, 2], padding: [0, [4, 0]]}}, gelu, layernorm,
       global_avgpool, {dense: 3}]
      """, loss: "{binary_cross_entropy: {positive_weight: 2.5}}")

  /// Real targets, which do not add up to 1.
  static let soft = ParityCase(
    name: "soft", sample: [12], targets: .values(5), model: "[{dense: 16}, tanh, {dense: 5}]",
    loss: "{cross_entropy: {label_smoothing: 0.2, class_weights: [1, 0.5, 2, 1, 3]}}")

  static let sequence = ParityCase(
    name: "steps", sample: [12, 6], targets: .classes(4, shape: [12], ignoresSome: true),
    model: """
      [{conv: {filters: 8, padding: [2, 0], bias: false}}, batchnorm, tanh, {maxpool: 2}, {upsample: 2},
       {layernorm: {over: features}}, {dense: 4}]
      """, loss: "{cross_entropy: {label_smoothing: 0.1}}")

  static let pixels = ParityCase(
    name: "pixels", sample: [8, 8, 1], targets: .classes(3, shape: [8, 8], ignoresSome: true),
    model: """
      [{conv: 6}, relu, {maxpool: 2}, {conv: 8}, relu, {upsample: 2}, {conv: {filters: 3, kernel: 1}}]
      """, loss: "{cross_entropy: {class_weights: [1, 2, 0.5]}}")

  static let maps = ParityCase(
    name: "maps", sample: [4, 4, 1], targets: .values([4, 4, 2], ignoresSome: true),
    model: "[{conv: 5}, tanh, {conv: {filters: 2, kernel: 1}}]", loss: "{huber: 0.5}")

  static let autoencoder = ParityCase(
    name: "autoencoder", sample: [8, 8, 1],
    model: """
      [{conv: 4}, relu, flatten, {dense: 12}, relu, {dense: 64}, {reshape: [8, 8, 1]}]
      """, loss: "{mse: {target: samples}}")

  /// Twenty weighted layers with a quarter of the usual filters.
  static let resnet = ParityCase(
    name: "resnet", sample: [16, 16, 3],
    model: """
      [{conv: {filters: 4, padding: 1, bias: false}}, batchnorm, relu, \(blocks), global_avgpool,
       {dense: 10}]
      """)

  private static let blocks = (0..<9).map { block in
    let filters = 4 << (block / 3)
    let stride = [3, 6].contains(block) ? 2 : 1
    return """
      {residual: {shortcut: pad, layers: [
       {conv: {filters: \(filters), stride: \(stride), padding: 1, bias: false}}, batchnorm, relu,
       {conv: {filters: \(filters), padding: 1, bias: false}}, batchnorm]}}, relu
      """
  }.joined(separator: ", ")

  static let norms = ParityCase(
    name: "norms", sample: [9, 8, 3],
    model: """
      [{conv: 8}, {groupnorm: 4}, relu,
       {maxpool: {size: 3, stride: 2, padding: [[1, 0], [0, 1]], ceil_mode: true}},
       {rmsnorm: {epsilon: 0.001}}, {conv: 6}, {groupnorm: {groups: 1, epsilon: 0.01}},
       {maxpool: {size: [3, 2], stride: [2, 3], padding: [1, 0], ceil_mode: true}}, flatten, {dense: 12},
       {groupnorm: 3}, tanh, rmsnorm, {groupnorm: {groups: 2, affine: false}}, {dense: 10}]
      """)

  static let stepNorms = ParityCase(
    name: "step_norms", sample: [12, 4], targets: .classes(5, shape: [5]),
    model: """
      [{conv: 6}, {groupnorm: 3}, tanh,
       {maxpool: {size: 4, stride: 3, padding: 2, ceil_mode: true}}, rmsnorm, {dense: 5}]
      """)

  static let unet = ParityCase(
    name: "unet", sample: [8, 8, 1], targets: .classes(3, shape: [8, 8], ignoresSome: true),
    model: """
      [{conv: {filters: 4, name: one}}, {relu: {name: fine}}, {maxpool: 2},
       {conv: {filters: 6, name: two}}, {relu: {name: middle}}, {maxpool: 2}, {conv: 8}, relu,
       {conv_transpose: {filters: 6, kernel: 2, stride: 2, name: up1}}, {concat: {input: [up1, middle]}},
       {conv: 6}, relu, {conv_transpose: {filters: 4, kernel: 2, stride: 2, name: up2}},
       {concat: {input: [fine, up2]}}, {conv: 4}, relu, {conv: {filters: 3, kernel: 1}}]
      """)

  /// Twins whose averages follow the samples first, then the second field.
  static let siamese = ParityCase(
    name: "siamese", sample: [8, 8, 1], targets: .classes(2),
    fields: [TargetType.NamedField("second", NumberType.float32, [8, 8, 1])],
    model: """
      [{repeat: {name: left, times: 1, layers: [{conv: {filters: 4, bias: false}}, batchnorm, relu,
        {maxpool: 2}, flatten, {dense: {units: 6, bias: false}}, {batchnorm: {momentum: 0.3}}, tanh]}},
       {repeat: {name: right, input: second, weights_of: left}}, {scale: -1},
       {add: {input: [left, scale1], name: difference}}, {multiply: [difference, difference]}, {dense: 2}]
      """)

  static let gate = ParityCase(
    name: "gate", sample: [5, 5, 3], targets: .values(5),
    model: """
      [{conv: {filters: 6, name: body}}, global_avgpool, {dense: {units: 6, name: gate}}, sigmoid,
       {multiply: [body, sigmoid1]}, relu, flatten, {dense: 5}]
      """, loss: "mse")

  static let twoOutputs = ParityCase(
    name: "two_outputs", sample: [8], targets: .classes(4),
    fields: [TargetType.NamedField("extent", NumberType.float32, [2])],
    model: """
      [{dense: 12}, {tanh: {name: trunk}}, {dense: {units: 4, name: kind}},
       {dense: {units: 2, name: size, input: trunk}}]
      """,
    loss: """
      [{layer: kind, loss: cross_entropy}, {layer: size, loss: {mse: {target: extent}}, weight: 0.25}]
      """)

  static let secondInput = ParityCase(
    name: "second_input", sample: [6], targets: .values(3),
    fields: [TargetType.NamedField("other", NumberType.float32, [2, 2])],
    model: """
      [{dense: 7}, {tanh: {name: one}}, {flatten: {input: other}}, {dense: 5}, tanh,
       {concat: {input: [one, tanh2, flatten1]}}, {dense: 3}]
      """, loss: "{huber: 0.5}")

  /// Matrices of attention and of a dense layer, among others that are not adapted.
  static let lowRank = ParityCase(
    name: "lora", sample: [5, 8], targets: .classes(4, shape: [5]),
    model: "[{attention: {heads: 2, causal: true}}, {dense: 12}, tanh, {dense: 4}]",
    optimizer: "{adamw: {learning_rate: 0.01, weight_decay: 0.1}}",
    lora: "{rank: 3, alpha: 6, layers: [attention1/query, value, dense1]}")

  static let all =
    [
      lowRank, mlp, momentum, conv, regression, activations, decoder, text, soft, resnet, norms,
      stepNorms,
    ]
    + ofAnyShape + graphs
  static let graphs = [unet, siamese, gate, twoOutputs, secondInput]
  /// Those with a target for each step or pixel, some of which do not count, or with the samples as
  /// such.
  static let ofAnyShape = [sequence, pixels, maps, autoencoder]

  func configuration(batch: Int = samples, shards: Int = 1) throws -> RunConfiguration {
    try RunConfiguration(
      text: """
        name: \(name.split(separator: "/").last ?? "")
        shards: \(shards)
        data: {dataset: digits, batch: \(batch), validation: none}
        model: \(model)
        \(loss.hasPrefix("[") ? "outputs" : "loss"): \(loss)
        optimizer: \(optimizer)
        \(lora.map { "lora: \($0)" } ?? "")
        """, source: "\(name).yaml")
  }

  func network() throws -> Network {
    try Network(configuration().settings, sample: sample, targets: targets, fields: fields)
  }

  /// The experiment of the configuration on the first samples of the golden file.
  func experiment(
    _ golden: Golden, batch: Int, shards: Int, samples: Int
  ) throws -> Experiment {
    let some = (0..<Int32(samples))[...]
    let data = Dataset(
      shape: sample.extents, elements: .floats(golden.input.rows(some).elements.map { Float($0) }),
      targets: answers(golden.answers.rows(some).elements),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    return try Experiment(
      configuration(batch: batch, shards: shards),
      data: Splits(training: data, test: data, validation: .none, seed: 1))
  }
}

extension ParityCase {
  private func answers(_ numbers: [Double]) -> Dataset.Targets {
    guard let classes = targets.classes, !loss.contains("samples") else {
      return .values(
        numbers.map { Float($0) },
        shape: loss.contains("samples") ? sample.extents : targets.shape.extents)
    }
    return .classes(
      numbers.map { Int32($0) }, names: (0..<classes).map(String.init),
      shape: targets.shape.extents)
  }
}

extension Tensor {
  /// Some of the rows along the first axis.
  func rows(_ indices: some Collection<Int32>) -> Tensor {
    let size = shape.count / shape[0]
    return Tensor(
      Shape([indices.count] + shape.extents.dropFirst()),
      indices.flatMap { elements[Int($0) * size..<(Int($0) + 1) * size] })
  }
}
