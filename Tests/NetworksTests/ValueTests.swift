import Foundation
import Graphs
import TestSupport
import Testing

import Networks

/// What networks compute, against numbers worked out elsewhere.
@Suite struct ValueTests {
  /// Matt Mazur's two-layer example: its mean over two outputs is his half of the sum of squares.
  @Test func aStepByStepExample() throws {
    let network = try network(
      ["dense: 2", "sigmoid", "dense: 2", "sigmoid"], loss: "mse", sample: [2],
      targets: .values(2))
    let results = try ReferenceEvaluator(network.trainingProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor([1, 2], [0.05, 0.1]), "targets": Tensor([1, 2], [0.01, 0.99]),
        "scale": Tensor([1], [1]),
      ],
      parameters: [
        "dense1/weight": Tensor([2, 2], [0.15, 0.2, 0.25, 0.3]),
        "dense1/bias": Tensor([2], [0.35, 0.35]),
        "dense2/weight": Tensor([2, 2], [0.4, 0.45, 0.5, 0.55]),
        "dense2/bias": Tensor([2], [0.6, 0.6]),
      ])
    let expected = [
      "predictions": [0.751365069552, 0.772928465321],
      "losses": [0.298371108760],
      "gradient/dense1/weight": [0.000438567734, 0.000877135469, 0.000497712735, 0.000995425471],
      "gradient/dense1/bias": [0.008771354689, 0.009954254705],
      "gradient/dense2/weight": [0.082167040564, 0.082667627848, -0.022602540477, -0.022740242216],
      "gradient/dense2/bias": [0.138498561629, -0.038098236517],
    ]
    for (name, values) in expected {
      expectClose(results[name], values)
    }
  }

  @Test(arguments: [false, true], [(2, 0.407605964444), (0, 2.407605964444)])
  func crossEntropy(hasSoftmax: Bool, golden: (label: Double, loss: Double)) throws {
    let layers = [identity(3)] + (hasSoftmax ? ["softmax"] : [])
    let results = try evaluate(
      layers, [1, 2, 3], sample: [3], targets: .classes(3), truth: [golden.label])
    expectClose(results["losses"], [golden.loss])
    expectClose(
      results["predictions"],
      hasSoftmax ? [0.09003057317, 0.244728471055, 0.665240955775] : [1, 2, 3])
  }

  @Test func meanSquaredError() throws {
    let classes = try evaluate(
      [identity(3)], loss: "mse", [1, 2, 3], sample: [3], targets: .classes(3), truth: [2])
    expectClose(classes["losses"], [(1 + 4 + 4) / 3.0])
    let values = try evaluate(
      [identity(3)], loss: "mse", [1, 2, 3], sample: [3], targets: .values(3), truth: [3, 2, 7])
    expectClose(values["losses"], [(4 + 0 + 16) / 3.0])
  }

  @Test func flattenGoesThroughChannelsThenRowsThenColumns() throws {
    // The element in row y, column x and channel c is cyx.
    let map: [Double] = [0, 100, 1, 101, 2, 102, 10, 110, 11, 111, 12, 112]
    let results = try evaluate(
      ["flatten", identity(12)], map, sample: [2, 3, 2], targets: .classes(12), truth: [0])
    expectClose(results["predictions"], [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112])
  }

  @Test func reshapeKeepsTheOrderOfFlatten() throws {
    // The element in row y, column x and channel c is cyx.
    let map: [Double] = [0, 100, 1, 101, 2, 102, 10, 110, 11, 111, 12, 112]
    let back = try evaluate(
      ["flatten", "reshape: [2, 3, 2]", "flatten", identity(12)], map, sample: [2, 3, 2],
      targets: .classes(12), truth: [0])
    expectClose(back["predictions"], [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112])
    // Three channels of two rows and two columns, of which the mean is taken.
    let other = try evaluate(
      ["reshape: [2, 2, 3]", "global_avgpool", identity(3)], map, sample: [2, 3, 2],
      targets: .classes(3), truth: [0])
    expectClose(other["predictions"], [13 / 4.0, (11 + 12 + 100 + 101) / 4.0, (102 + 333) / 4.0])
  }

  @Test func upsampleRepeatsRowsAndColumns() throws {
    let results = try evaluate(
      ["upsample: [2, 3]", "flatten", identity(24)], [1, 10, 2, 20], sample: [1, 2, 2],
      targets: .classes(24), truth: [0])
    let plane: [Double] = [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]
    expectClose(results["predictions"], plane + plane.map { 10 * $0 })
  }

  @Test func padPutsZerosAroundMaps() throws {
    let results = try evaluate(
      ["pad: [[1, 0], [0, 2]]", "scale: 3", "flatten", identity(16)], [1, 10, 2, 20],
      sample: [1, 2, 2], targets: .classes(16), truth: [0])
    let plane: [Double] = [0, 0, 0, 0, 3, 6, 0, 0]
    expectClose(results["predictions"], plane + plane.map { 10 * $0 })
  }

  @Test func concatJoinsChannels() throws {
    let results = try evaluate(
      ["concat: [[], [tanh], [sigmoid, tanh]]", "flatten", identity(6)], [1, 2], sample: [1, 2, 1],
      targets: .classes(6), truth: [0])
    let x = [1.0, 2]
    let twice = x.map { tanh(1 / (1 + exp(-$0))) }
    expectClose(results["predictions"], x + x.map { tanh($0) } + twice)
  }

  @Test func embeddingReadsRowsAndNeverLeavesTheTable() throws {
    let network = try network(
      ["embedding: {entries: 3, size: 2}", "flatten", identity(12)], sample: [6],
      targets: .classes(12))
    let results = try ReferenceEvaluator(network.trainingProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor([1, 6], [2, 0, 2, -7, 9, .nan]), "labels": Tensor([1], [0]),
        "scale": Tensor([1], [1]),
      ],
      parameters: [
        "embedding1/weight": Tensor([3, 2], [1, 10, 2, 20, 3, 30]), "dense1/weight": eye(12),
      ])
    expectClose(results["predictions"], [3, 30, 1, 10, 3, 30, 1, 10, 3, 30, 1, 10])
    // The second row was never read.
    let gradient = try #require(results["gradient/embedding1/weight"]).elements
    #expect(gradient[2...3].allSatisfy { $0 == 0 } && gradient[0] != 0 && gradient[5] != 0)
  }

  /// (1, 2, 3, 4) and (2, 0, -2, 8) with mean 0 and variance 1.
  @Test(arguments: [
    ([1, 2, 3, 4], [-1.3416354200, -0.4472118067, 0.4472118067, 1.3416354200]),
    ([2, 0, -2, 8], [0, -0.5345222929, -1.0690445858, 1.6035668788]),
  ])
  func layerNorm(_ x: [Double], _ expected: [Double]) throws {
    for layers in [
      ["layernorm: {affine: false}"],
      ["reshape: [2, 1, 2]", "layernorm: {affine: false}", "flatten"],
    ] {
      let results = try evaluate(
        layers + [identity(4)], x, sample: [4], targets: .classes(4), truth: [0])
      expectClose(results["predictions"], expected, absolute: 1e-10)
    }
  }

  /// Channels (1, 2, 3, 4) and (2, 0, -2, 8), each with mean 0 and variance 1 before it is scaled.
  @Test func instanceNorm() throws {
    let network = try network(
      ["instancenorm", "flatten", identity(8)], sample: [2, 2, 2], targets: .classes(8))
    let results = try ReferenceEvaluator(network.evaluationProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor([1, 2, 2, 2], [1, 2, 2, 0, 3, -2, 4, 8]), "labels": Tensor([1], [0]),
      ],
      parameters: [
        "instancenorm1/weight": Tensor([2], [1, -2]), "instancenorm1/bias": Tensor([2], [0, 0.5]),
        "dense1/weight": eye(8),
      ])
    let (a, b) = (
      [-1.3416354200, -0.4472118067, 0.4472118067, 1.3416354200],
      [0, -0.5345222929, -1.0690445858, 1.6035668788]
    )
    expectClose(results["predictions"], a + b.map { 0.5 - 2 * $0 }, absolute: 1e-9)
  }

  /// A batch of four samples of two features: outputs, running averages and gradients.
  @Test func batchNormOfTheTable() throws {
    let network = try network(
      ["batchnorm", identity(2)], loss: "mse", sample: [2], targets: .values(2))
    let outputs: [Double] = [
      -1.0690434404, -1.0690449524, -0.5345217202, -0.5345224762, 0, 1.6035674286, 1.6035651607, 0,
    ]
    // Targets that make the gradients by the outputs (1, 0), (0, 1), (0, 0), (0, 0).
    var targets = outputs
    targets[0] -= 1
    targets[3] -= 1
    let results = try ReferenceEvaluator(network.trainingProgram(samples: 4)).evaluate(
      inputs: [
        "samples": Tensor([4, 2], [1, 10, 2, 20, 3, 60, 6, 30]),
        "targets": Tensor([4, 2], targets),
        "scale": Tensor([1], [1]), "share": Tensor([1], [1]),
      ],
      parameters: [
        "batchnorm1/weight": Tensor([2], [1, 1]), "batchnorm1/bias": Tensor([2], [0, 0]),
        "batchnorm1/running_mean": Tensor([2], [0, 0]),
        "batchnorm1/running_var": Tensor([2], [1, 1]), "dense1/weight": eye(2),
      ])
    expectClose(results["predictions"], outputs, absolute: 1e-10)
    expectClose(
      results["gradient/batchnorm1/weight"], [-1.0690434404, -0.5345224762], absolute: 1e-9)
    expectClose(results["gradient/batchnorm1/bias"], [1, 1], absolute: 1e-9)
    // What the averages are to follow, times scale · n: the mean, and the unbiased variance.
    expectClose(results["gradient/batchnorm1/running_mean"], [12, 120])
    expectClose(
      results["gradient/batchnorm1/running_var"], [4 * 14 / 3.0, 4 * 1400 / 3.0], absolute: 1e-9)
  }

  @Test func storedBytesAreNormalised() throws {
    let network = try network([identity(3)], sample: [3], targets: .classes(3))
    let stored = SampleInput(.uint8, scale: 1 / 255.0, mean: 0.25, deviation: 0.5)
    let program = try network.evaluationProgram(samples: 2, input: stored)
    #expect(program.inputs[0].type == TensorType(.uint8, [2, 3]))
    let results = try ReferenceEvaluator(program).evaluate(
      inputs: [
        "samples": Tensor([2, 3], [0, 51, 102, 153, 204, 255]), "labels": Tensor([2], [0, 0]),
      ], parameters: ["dense1/weight": eye(3)])
    expectClose(results["predictions"], [-0.5, -0.1, 0.3, 0.7, 1.1, 1.5])
  }

  @Test(arguments: [0.1, 0.5, 0.9])
  func dropoutKeepsTheMeanAndChangesWithItsDraws(rate: Double) throws {
    let count = 40_000
    // The prediction is the mean of what dropout makes of ones.
    let network = try network(
      ["dropout: \(rate)", "dense: {units: 1, bias: false}"], loss: "mse", sample: [count],
      targets: .values(1))
    let evaluator = ReferenceEvaluator(try network.trainingProgram(samples: 2))
    func means(step: UInt64) throws -> [Double] {
      let results = try evaluator.evaluate(
        inputs: [
          "samples": Tensor([2, count], repeating: 1), "targets": Tensor([2, 1], [0, 0]),
          "scale": Tensor([1], [1]),
        ], parameters: ["dense1/weight": Tensor([1, count], repeating: 1 / Double(count))],
        random: dropoutDraws(step: step))
      return results["predictions"]?.elements ?? []
    }
    let first = try means(step: 1)
    let deviation = (rate / (1 - rate) / Double(count)).squareRoot()
    for mean in first { #expect(abs(mean - 1) < 4 * deviation) }
    #expect(first[0] != first[1])
    #expect(try means(step: 1) == first)
    #expect(try means(step: 2) != first)
  }

  @Test func dropoutSetsToZeroOrScales() throws {
    let network = try network(
      ["dropout: 0.75", identity(4)], sample: [4], targets: .classes(4))
    let results = try ReferenceEvaluator(network.trainingProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor([1, 4], [1, 2, 3, .infinity]), "labels": Tensor([1], [0]),
        "scale": Tensor([1], [1]),
      ], parameters: ["dense1/weight": eye(4)], random: { _, _ in [0.75, 0.7499, 0.99, 0] })
    #expect(results["predictions"]?.elements == [4, 0, 12, 0])
  }

  // MARK: Help

  private func identity(_ size: Int) -> String { "dense: {units: \(size), bias: false}" }

  private func eye(_ size: Int) -> Tensor {
    Tensor([size, size], (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 })
  }

  /// Evaluates one sample; the one dense layer is the identity.
  private func evaluate(
    _ layers: [String], loss: String = "cross_entropy", _ values: [Double], sample: Shape,
    targets: TargetType, truth: [Double]
  ) throws -> [String: Tensor] {
    let network = try network(layers, loss: loss, sample: sample, targets: targets)
    return try ReferenceEvaluator(network.evaluationProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor(Shape([1] + sample.extents), values),
        "labels": Tensor([1], [truth[0]]), "targets": Tensor([1, truth.count], truth),
      ], parameters: ["dense1/weight": eye(network.targets.outputs.count)])
  }

  private func expectClose(
    _ tensor: Tensor?, _ expected: [Double], absolute: Double = 1e-11,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = tensor?.elements ?? []
    #expect(
      found.count == expected.count
        && zip(found, expected).allSatisfy { isClose($0, $1, absolute: absolute) },
      "\(found), not \(expected)", sourceLocation: sourceLocation)
  }
}
