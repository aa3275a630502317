import Foundation
import Graphs
import TestSupport
import Testing

import Networks

/// Activations and their derivatives against tables and definitions.
@Suite struct ActivationTests {
  private static let points = [-100, -10, -3, -1, -0.5, 0, 0.5, 1, 3, 10, 100]

  /// What an activation makes of a number, and its derivative there.
  private func run(_ layer: String, _ x: Double) throws -> (y: Double, slope: Double) {
    // The loss is the value itself, up to a constant; the bias is what the layer is applied to.
    let network = try network(
      ["dense: 1", layer], loss: "mae", sample: [1], targets: .values(1))
    var parameters = ["dense1/weight": Tensor([1, 1], [0]), "dense1/bias": Tensor([1], [x])]
    for parameter in network.parameters.dropFirst(2) {
      guard case .constant(let value) = parameter.distribution else { continue }
      parameters[parameter.name] = Tensor(parameter.shape, repeating: value)
    }
    let results = try ReferenceEvaluator(network.trainingProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor([1, 1], [0]), "targets": Tensor([1, 1], [-1e300]),
        "scale": Tensor([1], [1]),
      ], parameters: parameters)
    return (
      try #require(results["predictions"]).elements[0],
      try #require(results["gradient/dense1/bias"]).elements[0]
    )
  }

  /// Value and derivative at each of the points, to nine digits.
  private static let tables: [(layer: String, rows: [(Double, Double)])] = [
    (
      "swish",
      [
        (-3.72007598e-42, -3.68287522e-42), (-4.53978687e-04, -4.08560209e-04),
        (-0.14227762, -0.088104106), (-0.268941421, 0.0723294881), (-0.188770334, 0.260038813),
        (0, 0.5), (0.311229666, 0.739961187), (0.731058579, 0.927670512),
        (2.85772238, 1.08810411), (9.99954602, 1.00040856), (100, 1),
      ]
    ),
    (
      "selu",
      [
        (-1.75809934, 6.54026312e-44), (-1.75801952, 7.98175866e-05),
        (-1.67056873, 0.0875306121), (-1.11133074, 0.646768603), (-0.691758188, 1.06634115),
        (0, 1.75809934), (0.525350494, 1.05070099), (1.05070099, 1.05070099),
        (3.15210296, 1.05070099), (10.5070099, 1.05070099), (105.070099, 1.05070099),
      ]
    ),
    (
      "gelu",
      [
        (0, 0), (-7.6e-23, -7.69459863e-22), (-0.00404969409, -0.0119456472),
        (-0.158655254, -0.0833154706), (-0.154268769, 0.132504875), (0, 0.5),
        (0.345731231, 0.867495125), (0.841344746, 1.08331547), (2.99595031, 1.01194565), (10, 1),
        (100, 1),
      ]
    ),
    (
      "gelu: tanh",
      [
        (0, 0), (0, 0), (-0.00363739208, -0.0115841666), (-0.158808009, -0.0829640838),
        (-0.15428599, 0.132630096), (0, 0.5), (0.34571401, 0.867369904),
        (0.841191991, 1.08296408), (2.99636261, 1.01158417), (10, 1), (100, 1),
      ]
    ),
    (
      "leaky_relu",
      [
        (-1, 0.01), (-0.1, 0.01), (-0.03, 0.01), (-0.01, 0.01), (-0.005, 0.01), (0, 0.01),
        (0.5, 1), (1, 1), (3, 1), (10, 1), (100, 1),
      ]
    ),
    (
      "relu",
      [
        (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0.5, 1), (1, 1), (3, 1), (10, 1), (100, 1),
      ]
    ),
  ]

  @Test(arguments: 0..<tables.count) func publishedTables(_ table: Int) throws {
    let (layer, rows) = Self.tables[table]
    for (x, (y, slope)) in zip(Self.points, rows) {
      let found = try run(layer, x)
      #expect(isClose(found.y, y, relative: 6e-9, absolute: 1e-15), "\(layer)(\(x))")
      #expect(isClose(found.slope, slope, relative: 6e-9, absolute: 1e-15), "\(layer)'(\(x))")
    }
  }

  typealias Function = @Sendable (Double) -> Double

  /// Those that no table has: definition and derivative, written as they are in the papers.
  private static let definitions: [(layer: String, y: Function, slope: Function)] = [
    ("leaky_relu: 0.3", { $0 > 0 ? $0 : 0.3 * $0 }, { $0 > 0 ? 1 : 0.3 }),
    ("leaky_relu: -2", { $0 > 0 ? $0 : -2 * $0 }, { $0 > 0 ? 1 : -2 }),
    ("prelu", { $0 > 0 ? $0 : 0.25 * $0 }, { $0 > 0 ? 1 : 0.25 }),
    ("prelu: {per: channel, slope: 0.7}", { max($0, 0.7 * $0) }, { $0 > 0 ? 1 : 0.7 }),
    ("elu", { $0 > 0 ? $0 : expm1($0) }, { $0 > 0 ? 1 : exp($0) }),
    ("elu: 0.4", { $0 > 0 ? $0 : 0.4 * expm1($0) }, { $0 > 0 ? 1 : 0.4 * exp($0) }),
    ("softplus", softplus, logistic),
    ("softplus: 5", { softplus(5 * $0) / 5 }, { logistic(5 * $0) }),
    (
      "mish", { $0 * tanh(softplus($0)) },
      { x in
        let t = tanh(softplus(x))
        return t + x * (1 - t * t) * logistic(x)
      }
    ),
  ]

  @Test(arguments: 0..<definitions.count) func definitionsAtAnySize(_ index: Int) throws {
    let (layer, y, slope) = Self.definitions[index]
    for x in Self.points + [-1e30, -750, -40, -1e-9, 1e-9, 40, 750, 1e30] {
      let found = try run(layer, x)
      #expect(isClose(found.y, y(x), relative: 1e-12, absolute: 0), "\(layer)(\(x)) = \(found.y)")
      #expect(
        isClose(found.slope, slope(x), relative: 1e-12, absolute: 1e-300),
        "\(layer)'(\(x)) = \(found.slope)")
    }
  }

  private static let softplus: Function = { x in max(x, 0) + log1p(exp(-abs(x))) }
  private static let logistic: Function = { x in x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }

  @Test func slopesOfChannelsAreLearnedApart() throws {
    let network = try network(
      ["prelu: {per: channel}", "flatten", "dense: 10"], sample: [4, 4, 3])
    #expect(network.parameters[0].shape == [3])
    #expect(network.parameters[0].name == "prelu1/weight")
    #expect(firstWeights(network.parameters[0], seed: 1) == [0.25, 0.25, 0.25])
  }
}
