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
      case .constant, .given: Issue.record("weights are drawn")
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

  @Test(arguments: ["xavier_uniform", "he_normal"])
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
    case .constant, .given:
      expected = 0
    }
    #expect(isClose(variance, expected, relative: 0.01))
    #expect(abs(mean) < 4 * (expected / Double(count)).squareRoot())
  }

  @Test(arguments: ["xavier_uniform", "xavier_normal", "he_uniform", "he_normal"])
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
      labels: .classes(units)
    ).parameters[0]
  }
}
