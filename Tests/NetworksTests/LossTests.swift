import Foundation
import Graphs
import TestSupport
import Testing

import Networks

/// Losses of given outputs against their definitions.
@Suite struct LossTests {
  struct Outcome {
    let losses: [Double]
    let predictions: [Double]
    /// Of the sum of the losses, by the outputs of the one sample.
    let gradient: [Double]
  }

  /// One sample whose outputs are biases, through a last layer if there is one.
  private func run(
    _ loss: String, outputs: [Double], truth: [Double], targets: TargetType, last: String? = nil,
    weight: Double? = nil
  ) throws -> Outcome {
    let layers = ["dense: \(outputs.count)"] + (last.map { [$0] } ?? [])
    let network = try network(
      layers, loss: loss, sample: [1], targets: targets, isWeighted: weight != nil)
    let results = try ReferenceEvaluator(network.trainingProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor([1, 1], [0]), "targets": Tensor([1, truth.count], truth),
        "labels": Tensor([1], [truth[0]]), "scale": Tensor([1], [1]),
        "weights": Tensor([1], [weight ?? .nan]),
      ],
      parameters: [
        "dense1/weight": Tensor([outputs.count, 1], repeating: 0),
        "dense1/bias": Tensor([outputs.count], outputs),
      ])
    return Outcome(
      losses: try #require(results["losses"]).elements,
      predictions: try #require(results["predictions"]).elements,
      gradient: try #require(results["gradient/dense1/bias"]).elements)
  }

  private func expect(
    _ found: [Double], _ expected: [Double], relative: Double = 1e-12,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      found.count == expected.count
        && zip(found, expected).allSatisfy { isClose($0, $1, relative: relative, absolute: 0) },
      "\(found), not \(expected)", sourceLocation: sourceLocation)
  }

  @Test func meanSquaredErrorOfTheTable() throws {
    let outcome = try run("mse", outputs: [0.2, 0.7], truth: [0, 1], targets: .values(2))
    expect(outcome.losses, [0.065])
    expect(outcome.gradient, [0.2, -0.3])
  }

  /// Probabilities 0.2 and 0.7 for targets 0 and 1.
  @Test(arguments: [nil, "sigmoid"])
  func binaryCrossEntropyOfTheTable(_ last: String?) throws {
    let logits = [0.2, 0.7].map { log($0 / (1 - $0)) }
    let outcome = try run(
      "binary_cross_entropy", outputs: logits, truth: [0, 1], targets: .values(2), last: last)
    expect(outcome.losses, [0.289909247626], relative: 1e-11)
    // The gradient by the probabilities, 0.625 and -0.714285714, times p (1 - p).
    expect(outcome.gradient, [0.625 * 0.16, -0.714285714 * 0.21], relative: 1e-9)
    // Figures beside the loss are of probabilities, whoever makes them.
    expect(outcome.predictions, [0.2, 0.7])
  }

  @Test(
    arguments: [-800, -40, -1, 0, 2, 40, 800],
    [(0, 1), (0.3, 1), (1, 1), (0, 2.5), (0.3, 2.5), (1, 2.5)] as [(Double, Double)])
  func binaryCrossEntropyNeitherOverflowsNorCancels(
    z: Double, target: (y: Double, weight: Double)
  ) throws {
    let (y, weight) = target
    let outcome = try run(
      "{binary_cross_entropy: {positive_weight: \(weight)}}", outputs: [z], truth: [y],
      targets: .values(1))
    let soft = log1p(exp(-abs(z)))
    let expected =
      switch y {
      case 0: max(z, 0) + soft
      case 1: weight * (max(-z, 0) + soft)
      default: weight * y * (max(-z, 0) + soft) + (1 - y) * (max(z, 0) + soft)
      }
    expect(outcome.losses, [expected])
    let p = z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z))
    let slope = -weight * y * (z < 0 ? 1 - p : exp(-z) * p) + (1 - y) * p
    #expect(isClose(outcome.gradient[0], slope, relative: 1e-12, absolute: 1e-15))
  }

  @Test(arguments: [0, 1], [nil, "sigmoid"])
  func twoClassesCanShareAnOutput(label: Int, last: String?) throws {
    let outcome = try run(
      "binary_cross_entropy", outputs: [0.8], truth: [Double(label)], targets: .classes(2),
      last: last)
    let p = 1 / (1 + exp(-0.8))
    expect(outcome.losses, [-log(label == 1 ? p : 1 - p)])
    expect(outcome.predictions, [1 - p, p])
    // Two outputs, one for each class, are compared with a one-hot target.
    let both = try run(
      "binary_cross_entropy", outputs: [-0.8, 0.8], truth: [Double(label)], targets: .classes(2))
    expect(both.losses, outcome.losses)
    #expect(both.predictions == [-0.8, 0.8])
  }

  @Test func meanAbsoluteErrorHasNoSlopeWhereItIsRight() throws {
    let outcome = try run("mae", outputs: [1, 2, 5], truth: [3, 2, 1], targets: .values(3))
    expect(outcome.losses, [2])
    expect(outcome.gradient, [-1 / 3.0, 0, 1 / 3.0])
    let classes = try run("mae", outputs: [1, 2, 5], truth: [1], targets: .classes(3))
    expect(classes.losses, [7 / 3.0])
  }

  @Test(arguments: [0.5, 1, 3]) func huberIsSquareThenLine(delta: Double) throws {
    let errors = [-4, -1, -0.25, 0, 0.25, 1, 4]
    let outcome = try run(
      delta == 1 ? "huber" : "{huber: \(delta)}", outputs: errors, truth: errors.map { _ in 0 },
      targets: .values(7))
    let expected = errors.map {
      abs($0) <= delta ? $0 * $0 / 2 : delta * (abs($0) - delta / 2)
    }
    expect(outcome.losses, [expected.reduce(0, +) / 7])
    expect(outcome.gradient, errors.map { min(max($0, -delta), delta) / 7 })
  }

  @Test(arguments: [0, 0.1, 0.5], [nil, [1, 1, 1], [0.5, 2, 4]] as [[Double]?])
  func crossEntropyWithSmoothingAndWeights(smoothing: Double, weights: [Double]?) throws {
    let logits = [1.0, 2, 4]
    let given = weights.map { ", class_weights: \($0)" } ?? ""
    let sum = logits.reduce(0) { $0 + exp($1) }
    let p = logits.map { exp($0) / sum }
    let w = weights ?? [1, 1, 1]
    for label in 0..<3 {
      let outcome = try run(
        "{cross_entropy: {label_smoothing: \(smoothing)\(given)}}", outputs: logits,
        truth: [Double(label)], targets: .classes(3))
      // Shares of the target, with the weight of the class that each is for.
      let shares = (0..<3).map { ($0 == label ? 1 - smoothing : 0) * w[$0] + smoothing / 3 * w[$0] }
      let losses = zip(shares, p).reduce(0) { $0 - $1.0 * log($1.1) }
      expect(outcome.losses, [losses])
      let total = shares.reduce(0, +)
      expect(outcome.gradient, (0..<3).map { total * p[$0] - shares[$0] })
    }
  }

  /// Probabilities as targets; those of one class alone are that class.
  @Test(arguments: [0, 0.2], [nil, [0.5, 2, 4]] as [[Double]?])
  func crossEntropyOfProbabilities(smoothing: Double, weights: [Double]?) throws {
    let logits = [1.0, -2, 700]
    let given = weights.map { ", class_weights: \($0)" } ?? ""
    let loss = "{cross_entropy: {label_smoothing: \(smoothing)\(given)}}"
    let w = weights ?? [1, 1, 1]
    for targets in [[0, 1, 0], [0.5, 0.25, 0.25], [0.2, 0, 0.1]] as [[Double]] {
      let outcome = try run(loss, outputs: logits, truth: targets, targets: .values(3))
      // As PyTorch has it, also where targets do not add up to 1.
      let shares = (0..<3).map { w[$0] * ((1 - smoothing) * targets[$0] + smoothing / 3) }
      expect(outcome.losses, [zip(shares, logits).reduce(0) { $0 + $1.0 * (700 - $1.1) }])
      #expect(outcome.predictions.last == 1)
      let total = shares.reduce(0, +)
      for (slope, expected) in zip(outcome.gradient, [-shares[0], -shares[1], total - shares[2]]) {
        #expect(isClose(slope, expected, relative: 1e-12, absolute: 1e-12))
      }
    }
    let label = try run(loss, outputs: logits, truth: [1], targets: .classes(3))
    let vector = try run(loss, outputs: logits, truth: [0, 1, 0], targets: .values(3))
    expect(label.losses, vector.losses)
  }

  @Test func smoothedCrossEntropyStaysFinite() throws {
    let outcome = try run(
      "{cross_entropy: {label_smoothing: 0.1}}", outputs: [-1000, 0, 1000], truth: [0],
      targets: .classes(3))
    expect(outcome.losses, [0.9 * 2000 + 0.1 * (2000 + 1000) / 3])
  }

  @Test(arguments: ["cross_entropy", "mse"]) func weightsOfSamplesMultiply(_ loss: String) throws {
    let plain = try run(loss, outputs: [1, 2], truth: [1], targets: .classes(2))
    let weighted = try run(loss, outputs: [1, 2], truth: [1], targets: .classes(2), weight: 2.5)
    expect(weighted.losses, plain.losses.map { 2.5 * $0 })
    expect(weighted.gradient, plain.gradient.map { 2.5 * $0 })
  }
}
