import Graphs
import TestSupport
import Testing

import Networks

@Suite struct InitialiserTests {
  /// Bounds and deviations of Glorot and Bengio 2010 and He and others 2015, to ten digits.
  @Test(arguments: [
    (784, 30, 0.0858545711, 0.0495681597, 0.0874817765, 0.0505076272),
    (784, 100, 0.0823852555, 0.0475651495, 0.0874817765, 0.0505076272),
    (100, 10, 0.2335496832, 0.1348399725, 0.2449489743, 0.1414213562),
  ])
  func widths(
    fanIn: Int, fanOut: Int, xavierBound: Double, xavierDeviation: Double, heBound: Double,
    heDeviation: Double
  ) throws {
    let expected = [
      "xavier_uniform": xavierBound, "xavier_normal": xavierDeviation, "he_uniform": heBound,
      "he_normal": heDeviation,
    ]
    for (initialiser, expected) in expected {
      let weight = try dense(fanOut, inputs: fanIn, initialiser)
      let isUniform = initialiser.hasSuffix("uniform")
      switch weight.distribution {
      case .uniform(let bound):
        #expect(isUniform && isClose(bound, expected, absolute: 1e-10))
      case .normal(let deviation):
        #expect(!isUniform && isClose(deviation, expected, absolute: 1e-10))
      case .constant, .given, .orthogonal, .logarithmsOfPlaces, .inverseSoftplus:
        Issue.record("weights are drawn")
      }
    }
  }

  @Test func fansOfConvolutionsAreChannelsTimesArea() throws {
    let network = try network(
      [
        "conv: {filters: 8, kernel: [3, 5], groups: 2, init: xavier_uniform}",
        "conv: {filters: 8, kernel: [3, 5]}", "flatten", "dense: 10",
      ], sample: [2, 2, 4])
    let bound = (6.0 / Double(2 * 15 + 8 * 15)).squareRoot()
    #expect(network.parameters[0].distribution == .uniform(bound: bound))
    #expect(network.parameters[2].distribution == .normal(deviation: (2.0 / 120).squareRoot()))
  }

  @Test func heNormalIsTheDefault() throws {
    let distributions = try network(conv).parameters.map(\.distribution)
    #expect(distributions[0] == .normal(deviation: (2.0 / 9).squareRoot()))
    #expect(distributions[4] == .normal(deviation: (2.0 / 1568).squareRoot()))
    #expect(distributions[1] == .zeros && distributions[5] == .zeros)
  }

  @Test func widthsMayBeGiven() throws {
    #expect(try dense(3, inputs: 4, "{normal: 0.02}").distribution == .normal(deviation: 0.02))
    #expect(try dense(3, inputs: 4, "{uniform: 0.5}").distribution == .uniform(bound: 0.5))
    #expect(try dense(3, inputs: 4, "zeros").distribution == .zeros)
    #expect(try dense(3, inputs: 4, "orthogonal").distribution == .orthogonal(gain: 1))
    let layers = ["embedding: {entries: 5, size: 2}", "flatten", "dense: 10"]
    #expect(
      try network(layers, sample: [3]).parameters[0].distribution == .normal(deviation: 1))
  }

  /// Each input of a transposed convolution goes to every output under its filter; an output is
  /// made of every stride-th input.
  @Test func fansOfTransposedConvolutions() throws {
    let network = try network(
      [
        "conv_transpose: {filters: 6, kernel: 4, stride: 2, groups: 2, init: xavier_normal}",
        "flatten", "dense: 10",
      ], sample: [2, 2, 4])
    let deviation = (2.0 / Double(2 * 16 / 4 + 6 * 16)).squareRoot()
    #expect(network.parameters[0].distribution == .normal(deviation: deviation))
  }

  @Test(arguments: [(7, 12), (12, 7), (9, 9), (1, 5), (5, 1), (64, 100)])
  func orthogonalRowsOrColumns(_ rows: Int, _ columns: Int) throws {
    let weight = try dense(rows, inputs: columns, "{orthogonal: 1.5}")
    let w = firstWeights(weight, seed: 4).map { Double($0) }
    let count = min(rows, columns)
    func element(_ vector: Int, _ k: Int) -> Double {
      rows <= columns ? w[vector * columns + k] : w[k * columns + vector]
    }
    for i in 0..<count {
      for j in 0...i {
        let product = (0..<max(rows, columns)).reduce(0) { $0 + element(i, $1) * element(j, $1) }
        #expect(abs(product - (i == j ? 2.25 : 0)) < 1e-6, "\(i) · \(j) is \(product)")
      }
    }
  }

  /// Directions are equally likely: an element of a random unit vector has mean 0 and variance 1/n.
  @Test func orthogonalMatricesAreRandom() throws {
    let weight = try dense(20, inputs: 50, "orthogonal")
    let draws = (0..<UInt64(40)).flatMap { firstWeights(weight, seed: $0).map { Double($0) } }
    let mean = draws.reduce(0, +) / Double(draws.count)
    let third = draws.reduce(0) { $0 + $1 * $1 * $1 } / Double(draws.count)
    #expect(abs(mean) < 4 / (50 * Double(draws.count)).squareRoot())
    #expect(abs(third) < 4 * (15 / 125_000 / Double(draws.count)).squareRoot())
    #expect(draws.prefix(1000).contains { $0 < 0 } && draws[0] != draws[1000])
  }

  @Test(arguments: ["xavier_uniform", "he_normal", "{normal: 3}", "{uniform: 0.01}"])
  func moments(initialiser: String) throws {
    let count = 1_000_000
    let parameter = try dense(1000, inputs: 1000, initialiser)
    let draws = firstWeights(parameter, seed: 1).map(Double.init)
    let mean = draws.reduce(0, +) / Double(count)
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let expected: Double
    switch parameter.distribution {
    case .uniform(let bound):
      expected = bound * bound / 3
      #expect(draws.allSatisfy { abs($0) <= bound * (1 + 0x1p-23) })
      #expect(draws.contains { $0 < -0.999 * bound } && draws.contains { $0 > 0.999 * bound })
    case .normal(let deviation):
      expected = deviation * deviation
      #expect(draws.allSatisfy { abs($0) < 6 * deviation })
      let within = draws.count { abs($0) < deviation }
      #expect(isClose(Double(within) / Double(count), 0.6826894921, absolute: 0.002))
    case .constant, .given, .orthogonal, .logarithmsOfPlaces, .inverseSoftplus:
      expected = 0
    }
    #expect(isClose(variance, expected, relative: 0.01))
    #expect(abs(mean) < 4 * (expected / Double(count)).squareRoot())
  }

  @Test(arguments: [
    "xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "{normal: 0.1}",
    "{uniform: 2}", "zeros", "orthogonal",
  ])
  func elementsDoNotDependOnHowTheyAreAskedFor(initialiser: String) throws {
    let parameter = try dense(257, inputs: 1, initialiser)
    let whole = firstWeights(parameter, seed: 9)
    for (first, count) in [(0, 257), (1, 7), (2, 200), (255, 2), (100, 0)] {
      let part = firstWeights(parameter, seed: 9, from: first, count: count)
      #expect(part == Array(whole[first..<first + count]))
    }
  }

  @Test func parametersAndSeedsHaveNumbersOfTheirOwn() throws {
    let network = try network(["dense: 16", "dense: 16", "dense: 10"], sample: [16])
    let weights = network.parameters.filter { $0.name.hasSuffix("weight") }
    let first = firstWeights(weights[0], seed: 1)
    #expect(first != firstWeights(weights[1], seed: 1))
    #expect(first != firstWeights(weights[0], seed: 2))
    #expect(first == firstWeights(weights[0], seed: 1))
    #expect(firstWeights(network.parameters[1], seed: 1).allSatisfy { $0 == 0 })
  }

  /// The weight of a dense layer.
  private func dense(_ units: Int, inputs: Int, _ initialiser: String) throws -> Parameter {
    try network(
      ["dense: {units: \(units), init: \(initialiser)}"], sample: [inputs],
      targets: .classes(units)
    ).parameters[0]
  }
}
