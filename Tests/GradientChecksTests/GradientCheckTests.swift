import Configuration
import Datasets
import Diagnostics
import GradientChecks
import Graphs
import Networks
import Reports
import Testing

import Training

/// The gradient check passes right programs and finds wrong ones.
@Suite struct GradientCheckTests {
  /// Every kind of layer, small.
  static let everyLayer = [
    "conv: {filters: 4, stride: 2}", "relu", "maxpool: {size: 3, stride: 2, padding: 1}",
    "dropout: 0.3", "conv: {filters: 6, groups: 2, bias: false}", "tanh", "maxpool: 2",
    "softmax", "flatten", "dropout: 0.2", "dense: 8", "sigmoid", "dense: 10",
  ]

  /// The kinds that normalise, add or average.
  static let moreLayers = [
    "conv: {filters: 4, stride: 4}", "batchnorm", "relu",
    "residual: [{conv: 4}, batchnorm, tanh]", "instancenorm", "pad: [0, [0, 1]]", "scale: 1.5",
    "avgpool: 2", "residual: [{conv: 6}]",
    "global_avgpool", "dense: 10",
  ]

  /// The kinds that change the shape, join, and bend.
  static let yetMoreLayers = [
    "conv: {filters: 4, stride: 4}", "prelu", "conv_transpose: {filters: 4, stride: 2}", "swish",
    "layernorm", "concat: [[{conv: 2}, softplus], [elu], []]", "upsample: [1, 2]", "mish",
    "avgpool: 7", "gelu", "reshape: 80", "dense: 12", "selu", "leaky_relu: 0.1", "elu",
    "softplus: 2", "dense: 10",
  ]

  /// What reads numbers that name rows of a table.
  static let embeddingLayers = ["embedding: {entries: 5, size: 3}", "flatten", "dense: 2"]

  /// What reads several layers, or itself several times.
  static let graphLayers = [
    "conv: {filters: 2, kernel: 3, name: a}",
    "repeat: {times: 2, layers: [{conv: 2}, tanh], name: b}",
    "repeat: {weights_of: b, input: a, name: c}", "add: {input: [a, b], name: d}",
    "multiply: [c, d]", "groupnorm: {groups: 2}", "rmsnorm",
    "maxpool: 4", "flatten", "dense: 10",
  ]

  /// What reads a sequence: the rows of a small image.
  static let recurrentLayers = [
    "maxpool: 4", "reshape: [7, 7]", "rnn: {units: 4, activation: relu}",
    "lstm: {units: 3, direction: both}", "gru: 4", "mgu: {units: 4, output: last}", "dense: 10",
  ]

  /// What reads other steps of a sequence.
  static let transformerLayers = [
    "maxpool: 4", "reshape: [7, 7]", "dense: 4", "positions: learned",
    "attention: {heads: 4, kv_heads: 2, causal: true}", "positions: sinusoidal",
    "transformer: {blocks: 1, heads: 2, rotary: true, activation: swiglu}", "dense: 6", "swiglu",
    "mamba: {state: 3, conv: 3, dt_rank: 2}", "flatten", "dense: 10",
  ]

  private func experiment(
    _ layers: [String] = everyLayer, loss: String = "cross_entropy", seed: Int = 1,
    samples: Int = 40
  ) throws -> Experiment {
    try Experiment(
      RunConfiguration(
        text: """
          name: check
          seed: \(seed)
          data: {dataset: digits, train_samples: \(samples), test_samples: 10, batch: 1}
          model:
          \(layers.map { "  - \($0)" }.joined(separator: "\n"))
          loss: \(loss)
          optimizer: sgd
          """, source: "check.yaml"))
  }

  @Test func thereIsEveryLayer() {
    for kind in LayerKind.all.map(\.record.name) {
      let layers =
        Self.everyLayer + Self.moreLayers + Self.yetMoreLayers + Self.embeddingLayers
        + Self.graphLayers + Self.recurrentLayers + Self.transformerLayers
      let isChecked = layers.contains { $0.prefix { $0 != ":" } == kind }
      #expect(isChecked, "\(kind) is not checked")
    }
  }

  @Test(arguments: [1, 2])
  func rightGradientsOfMoreLayersPass(seed: Int) throws {
    for layers in [
      Self.moreLayers, Self.yetMoreLayers, Self.graphLayers, Self.recurrentLayers,
      Self.transformerLayers,
    ] {
      let experiment = try experiment(layers, seed: seed)
      let check = try GradientChecker.check(experiment, workers: 2)
      #expect(check.verdict == .right, "\(check.table)")
      #expect(check.rows.map(\.parameter) == experiment.network.trainedParameters.map(\.name))
    }
  }

  /// Tables hold what embeddings read, and the weights of samples.
  @Test func rightGradientsOnTablesPass() throws {
    let experiment = try Experiment(
      RunConfiguration(
        text: """
          name: check
          data:
            dataset: table
            samples: [[0, 1, 2, 0], [4, 2, 2, 3]]
            labels: [1, 0]
            weights: [0.5, 3]
            batch: 2
          model: [\(Self.embeddingLayers.map { "{\($0)}" }.joined(separator: ", "))]
          loss: cross_entropy
          optimizer: sgd
          """.replacing("{flatten}", with: "flatten"), source: "check.yaml"))
    let check = try GradientChecker.check(experiment, everyElement: true, workers: 2)
    #expect(check.verdict == .right, "\(check.table)")
    #expect(check.rows.map(\.differences.probes) == [16, 25, 3])
  }

  @Test(arguments: [
    "{cross_entropy: {label_smoothing: 0.1, class_weights: [1, 2, 1, 0, 1, 1, 3, 1, 1, 0.5]}}",
    "binary_cross_entropy", "{binary_cross_entropy: {positive_weight: 9}}", "mae", "{huber: 0.3}",
  ])
  func rightGradientsOfLossesPass(_ loss: String) throws {
    let experiment = try experiment(
      ["conv: {filters: 2, stride: 4}", "tanh", "flatten", "dense: 10"], loss: loss)
    let check = try GradientChecker.check(experiment, workers: 2)
    #expect(check.verdict == .right, "\(check.table)")
  }

  @Test(arguments: ["cross_entropy", "mse"], [1, 2, 3])
  func rightGradientsPass(_ loss: String, seed: Int) throws {
    let experiment = try experiment(loss: loss, seed: seed)
    let check = try GradientChecker.check(experiment, workers: 2)
    #expect(check.verdict == .right, "\(check.table)")
    #expect(check.samples == 2)
    #expect(check.rows.map(\.parameter) == experiment.network.parameters.map(\.name))
    for (row, parameter) in zip(check.rows, experiment.network.parameters) {
      #expect(row.differences.probes + row.differences.skipped == 1 + min(16, parameter.count))
      #expect(row.differences.error > 0 && row.engine.error > 0, "\(row.parameter) was compared")
    }
  }

  @Test func everyElementIsChecked() throws {
    let experiment = try experiment(["conv: 2", "relu", "maxpool: 7", "flatten", "dense: 10"])
    let check = try GradientChecker.check(experiment, everyElement: true, workers: 2)
    #expect(check.verdict == .right, "\(check.table)")
    #expect(check.rows.map { $0.differences.probes + $0.differences.skipped } == [19, 3, 321, 11])
  }

  @Test func oneSampleIsEnough() throws {
    let check = try GradientChecker.check(experiment(samples: 1), workers: 1)
    #expect(check.verdict == .right, "\(check.table)")
    #expect(check.samples == 1)
  }

  @Test func workersChangeNothing() throws {
    let experiment = try experiment()
    let checks = try [1, 3].map { try GradientChecker.check(experiment, workers: $0) }
    #expect(checks[0].json.description == checks[1].json.description)
  }

  // MARK: What is wrong

  @Test func wrongGradientsFail() throws {
    let experiment = try experiment()
    let right = try GradientChecker.program(of: experiment, experiment.parameterGroups[0])
    let wrong = right.changing("gradient/conv2/weight") { $1.multiply($0, by: 1.00001) }
    let check = try GradientChecker(
      experiment, experiment.parameterGroups[0], exact: wrong, compiled: wrong
    ).check(workers: 2)
    #expect(check.rows.filter { $0.verdict != .right }.map(\.parameter) == ["conv2/weight"])
    #expect(check.rows.allSatisfy { $0.engine.error <= GradientCheck.engineBound })
    #expect(check.verdict == .wrong)
  }

  @Test func wrongEnginesFail() throws {
    let experiment = try experiment()
    let right = try GradientChecker.program(of: experiment, experiment.parameterGroups[0])
    let wrong = right.changing("gradient/dense1/bias") { $1.multiply($0, by: 1.001) }
    let check = try GradientChecker(
      experiment, experiment.parameterGroups[0], exact: right, compiled: wrong
    ).check(workers: 2)
    #expect(check.verdict == .wrong)
    let failing = check.rows.filter { $0.verdict != .right }
    #expect(failing.map(\.parameter) == ["dense1/bias"])
    #expect(failing.allSatisfy { abs($0.engine.error - 0.001) < 1e-5 })
    #expect(failing.allSatisfy { $0.differences.error <= GradientCheck.differenceBound })
  }

  @Test(arguments: [Double.nan, .infinity])
  func gradientsThatAreNoNumbersFail(_ value: Double) throws {
    let experiment = try experiment()
    let right = try GradientChecker.program(of: experiment, experiment.parameterGroups[0])
    let wrong = right.changing("gradient/dense2/bias") { $1.multiply($0, by: value) }
    for (exact, compiled) in [(wrong, right), (right, wrong)] {
      let check = try GradientChecker(
        experiment, experiment.parameterGroups[0], exact: exact, compiled: compiled
      )
      .check(workers: 2)
      #expect(check.verdict == .wrong)
    }
  }

  /// A loss with a kink wherever one parameter changes has no difference for it.
  @Test func parametersWithoutProbesAreUndecidable() throws {
    let experiment = try experiment()
    let right = try GradientChecker.program(of: experiment, experiment.parameterGroups[0])
    let bent = right.changing("losses") { losses, builder in
      // Decimals behind the ninth change with every step, past some of many thresholds.
      let shape: Shape = [4096, 10]
      let bias = builder.broadcast(builder.parameter("dense2/bias", [10]), over: shape)
      let large = builder.add(
        builder.multiply(bias, by: 1.23456789e9), builder.constant(1e8, shape))
      let whole = builder.emit(.convert(.float32), builder.emit(.convert(.int32), large))
      let mask = builder.emit(
        .compare(.less), builder.subtract(large, whole), builder.random(stream: 9, shape))
      let steps = builder.emit(
        .select, mask, builder.constant(1, shape), builder.constant(2, shape))
      let none = builder.multiply(builder.total(steps), by: 0)
      return builder.add(losses, builder.broadcast(builder.reshape(none, [1]), [2]))
    }
    let check = try GradientChecker(
      experiment, experiment.parameterGroups[0], exact: bent, compiled: right
    ).check(workers: 2)
    #expect(check.verdict == .undecidable)
    #expect(check.rows.filter { $0.verdict != .right }.map(\.parameter) == ["dense2/bias"])
    #expect(check.rows.last?.differences.probes == 0)
    #expect(check.rows.last?.differences.skipped == 11)
  }

  // MARK: What is said

  @Test func tableAndJSONSayTheSame() throws {
    let check = try GradientChecker.check(experiment(), workers: 2)
    #expect(check.table.lines.count == 2 + check.rows.count)
    for row in check.rows {
      #expect(check.table.description.contains(row.parameter))
      #expect(check.json.description.contains("\"name\": \"\(row.parameter)\""))
    }
    #expect(check.json.description.hasPrefix("{\"passes\": true, \"samples\": 2"))
  }
}

extension Program {
  /// The program with one of its outputs made into another value.
  fileprivate func changing(
    _ name: String, _ change: (Value, inout Builder) -> Value
  ) -> Program {
    var builder = Builder()
    var places = ValueTable<Value>()
    for instruction in instructions {
      places.append(builder.emit(instruction, operands: instruction.operands.map { places[$0] }))
    }
    let changed = outputs.map { output in
      let value = places[output.value]
      return Output(output.name, output.name == name ? change(value, &builder) : value)
    }
    return builder.program(outputs: changed)
  }
}
