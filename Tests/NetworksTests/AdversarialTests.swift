import Configuration
import Diagnostics
import Foundation
import Graphs
import Networks
import TestSupport
import Testing

/// Two networks as they would stand in `gan.yaml`.
private func adversaries(
  generator: String, critic: String, _ rules: String, sample: Shape,
  set overrides: [String] = []
) throws(Failure) -> Adversaries {
  let settings = try Settings(
    text: "generator: \(generator)\ncritic: \(critic)\nadversarial: \(rules)\n",
    source: "gan.yaml", set: overrides,
    schema: Record("configuration", keys: Adversaries.keys, help: "Test."))
  return try Adversaries(settings, sample: sample)
}

@Suite struct AdversarialTests {
  /// What a step of the critic computes for samples of the data, when the generator makes `made` of
  /// anything.
  private func critic(
    _ layers: String, _ rules: String, real: [[Double]], made: [Double], mixture: [Double],
    labelNoise: [[Double]] = []
  ) throws -> [String: Tensor] {
    let width = made.count
    let networks = try adversaries(
      generator: "[{dense: {units: \(width), init: zeros, bias: \(made)}}]", critic: layers, rules,
      sample: [width])
    let count = real.count
    var parameters: [String: Tensor] = [:]
    for parameter in networks.generator + networks.critic {
      parameters[parameter.name] = Tensor(
        parameter.shape, firstWeights(parameter, seed: 1).map(Double.init))
    }
    return try ReferenceEvaluator(networks.criticProgram(samples: count)).evaluate(
      inputs: [
        "samples": Tensor([count, width], real.flatMap { $0 }),
        "noise": Tensor([count, 64], [Double](repeating: 0.5, count: 64 * count)),
        "mixture": Tensor([count], mixture), "scale": Tensor([1], [1 / Double(count)]),
        "label_noise": Tensor(
          [count, 2],
          labelNoise.isEmpty ? [Double](repeating: 0, count: 2 * count) : labelNoise.flatMap { $0 }),
      ], parameters: parameters)
  }

  // MARK: The penalty

  /// The length of (3, 4) is 5, so 10 (5 - 1)² = 160, and its derivative 2 · 10 · 4 · w / 5.
  @Test func linearCritic() throws {
    let outputs = try critic(
      "[{dense: {units: 1, bias: false, weight: [[3, 4]]}}]", "wasserstein_gp",
      real: [[0, 0]], made: [0, 0], mixture: [0.3])
    #expect(outputs["losses"]?.elements == [160])
    #expect(outputs["penalties"]?.elements == [160] && outputs["lengths"]?.elements == [5])
    let gradient = try #require(outputs["gradient/critic/dense1/weight"]).elements
    #expect(isClose(gradient[0], 48, relative: 1e-12) && isClose(gradient[1], 64, relative: 1e-12))
  }

  /// One layer of tanh, whose second derivative is not zero: D(x) = v · tanh(W x + b).
  @Test func criticOfOneTanhLayer() throws {
    let point = [0.4, -0.6]
    let outputs = try critic(
      """
      [{dense: {units: 2, weight: [[0.5, -0.3], [0.2, 0.8]], bias: [0.1, -0.2]}}, tanh,
       {dense: {units: 1, bias: false, weight: [[1, -2]]}}]
      """, "{loss: wasserstein_gp, penalty: 1}", real: [point], made: point, mixture: [0.5])
    let expected: [(String, [Double])] = [
      ("losses", [0.1471788064]), ("margins", [0]), ("lengths", [1.3836389]),
      (
        "gradient/critic/dense1/weight",
        [-0.023330796, -0.5001917792, 0.2747581044, 0.5389022333]
      ),
      ("gradient/critic/dense1/bias", [-0.1868991525, 0.9153704837]),
      ("gradient/critic/dense2/weight", [0.2094138139, -0.4261108005]),
    ]
    for (name, numbers) in expected {
      let found = try #require(outputs[name]).elements
      // The numbers of the file are float32.
      for (a, b) in zip(found, numbers) {
        #expect(abs(a - b) < 2e-7, "\(name): \(found)")
      }
    }
  }

  /// Where the gradient vanishes its length has a kink: the penalty is that of length 0, and
  /// nothing is made of 0 / 0.
  @Test func vanishingGradientIsFinite() throws {
    let outputs = try critic(
      "[{dense: {units: 1, bias: false, init: zeros}}]", "wasserstein_gp",
      real: [[1, 2], [3, 4]], made: [0, 0], mixture: [0, 1])
    #expect(outputs["penalties"]?.elements == [10, 10])
    #expect(outputs["gradient/critic/dense1/weight"]?.elements == [-2, -3])
  }

  /// A norm for each sample, at a point of its own.
  @Test func normsAreOfSamples() throws {
    let outputs = try critic(
      "[{dense: {units: 1, bias: false, weight: [[1, 0]]}}, swish]", "wasserstein_gp",
      real: [[2, 0], [-1, 5]], made: [0, 0], mixture: [0.5, 0.25])
    func slope(_ x: Double) -> Double {
      let s = 1 / (1 + exp(-x))
      return s + x * s * (1 - s)
    }
    let lengths = try #require(outputs["lengths"]).elements
    #expect(isClose(lengths[0], slope(1), relative: 1e-12))
    #expect(isClose(lengths[1], slope(-0.25), relative: 1e-12))
  }

  // MARK: Losses

  private static func softplus(_ x: Double) -> Double { log(1 + exp(x)) }

  /// With scores of 0.7 and 2 for samples of the data and -0.4 for what is made.
  @Test(arguments: [
    ("{loss: wasserstein_clip}", [-1.1, -2.4]),
    ("{loss: hinge}", [0.3 + 0.6, 0.6]),
    ("{loss: minimax}", [softplus(-0.7) + softplus(-0.4), softplus(-2) + softplus(-0.4)]),
    ("{loss: non_saturating}", [softplus(-0.7) + softplus(-0.4), softplus(-2) + softplus(-0.4)]),
  ])
  func lossesOfTheCritic(_ rules: String, _ losses: [Double]) throws {
    for ending in rules.contains("minimax") ? ["", ", sigmoid"] : [""] {
      let outputs = try critic(
        "[{dense: {units: 1, bias: false, weight: [[1]]}}\(ending)]", rules,
        real: [[0.7], [2]], made: [-0.4], mixture: [0, 0])
      for (a, b) in zip(try #require(outputs["losses"]).elements, losses) {
        #expect(isClose(a, b, relative: 1e-7), "\(rules)\(ending): \(a), not \(b)")
      }
      if rules.contains("clip") {
        #expect(outputs["margins"] != nil)
      } else {
        #expect(outputs["hits"]?.elements == [1, 1])
      }
    }
  }

  /// Real labels are 1 - 0.3 u, those of what is made 0.3 v.
  @Test func labelsAreNoisy() throws {
    let outputs = try critic(
      "[{dense: {units: 1, bias: false, weight: [[1]]}}]",
      "{loss: non_saturating, label_noise: 0.3}", real: [[0.7]], made: [-0.4], mixture: [0],
      labelNoise: [[0.5, 0.25]])
    let (y, z) = (1 - 0.15, 0.075)
    let expected =
      y * Self.softplus(-0.7) + (1 - y) * Self.softplus(0.7)
      + z * Self.softplus(0.4) + (1 - z) * Self.softplus(-0.4)
    #expect(isClose(try #require(outputs["losses"]).elements[0], expected, relative: 1e-7))
  }

  @Test(arguments: [
    ("wasserstein_gp", -0.6), ("hinge", -0.6), ("minimax", -softplus(0.6)),
    ("non_saturating", softplus(-0.6)),
  ])
  func lossesOfTheGenerator(_ loss: String, _ expected: Double) throws {
    let networks = try adversaries(
      generator: "[{dense: {units: 1, bias: false, weight: [[2]]}}]",
      critic: "[{dense: {units: 1, bias: false, weight: [[3]]}}]",
      "{loss: \(loss), noise: 1}", sample: [1])
    let outputs = try ReferenceEvaluator(networks.generatorProgram(samples: 1)).evaluate(
      inputs: ["noise": Tensor([1, 1], [0.1]), "scale": Tensor([1], [1])],
      parameters: [
        "generator/dense1/weight": Tensor([1, 1], [2]),
        "critic/dense1/weight": Tensor([1, 1], [3]),
      ])
    #expect(isClose(try #require(outputs["losses"]).elements[0], expected, relative: 1e-12))
    #expect(
      outputs.keys.filter { $0.hasPrefix("gradient/") } == ["gradient/generator/dense1/weight"])
  }

  // MARK: The networks

  @Test func parametersAreNamedByNetworkAndDrawnApart() throws {
    let networks = try adversaries(
      generator: "[{dense: 3}, relu, {dense: 2}]", critic: "[{dense: 3}, batchnorm, {dense: 1}]",
      "{loss: wasserstein_clip, noise: 3}", sample: [2])
    #expect(
      networks.generator.map(\.name) == [
        "generator/dense1/weight", "generator/dense1/bias", "generator/dense2/weight",
        "generator/dense2/bias",
      ])
    #expect(networks.critic.last?.name == "critic/batchnorm1/running_var")
    let numbers = (networks.generator + networks.critic).filter { $0.role == .trained }.map(
      \.number)
    #expect(numbers == Array(0..<10))
    #expect(networks.critic.trained.allSatisfy { $0.constraint == .within(-0.01...0.01) })
    #expect(networks.layers.map(\.name).suffix(2) == ["critic/batchnorm1", "critic/dense2"])
  }

  /// The values of one pass serve the other, and nothing is computed that nobody asks for.
  @Test func criticIsReadTwiceAndNotMore() throws {
    let networks = try adversaries(
      generator: "[{dense: 16}, relu, {dense: 8}]",
      critic: "[{dense: 32}, {leaky_relu: 0.2}, {dense: 16}, {leaky_relu: 0.2}, {dense: 1}]",
      "wasserstein_gp", sample: [8])
    let program = try networks.criticProgram(samples: 4)
    let products = program.instructions.count {
      if case .matrixProduct = $0.operation { true } else { false }
    }
    // Two of the generator; three forward, two back and three by weights of both kinds of samples;
    // two forward, three back to the sample, then two by rows and three by weights of its length.
    #expect(products == 2 + (3 + 2 + 3) + (2 + 3 + 2 + 3))
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    var generator = "[{dense: 2}]"
    var critic = "[{dense: 1}]"
    var rules = "wasserstein_gp"
    var sample: Shape = [2]
    let message: String

    var testDescription: String { message }
  }

  @Test(arguments: [
    Mistake(
      generator: "[{dense: 3}]",
      message: "gan.yaml:1:13: dense1: the generator ends with a vector of 3, a sample of the data "
        + "is a vector of 2: end it with 'dense: 2'"),
    Mistake(
      generator: "[{dense: 784}, tanh]", critic: "[flatten, {dense: 1}]", sample: [28, 28, 1],
      message:
        "gan.yaml:1:27: tanh1: the generator ends with a vector of 784, a sample of the data "
        + "is a map of 28x28x1 (h x w x c): end it with 'reshape: [28, 28, 1]'"),
    Mistake(
      critic: "[{dense: 2}]",
      message: "gan.yaml:2:10: dense1: the critic ends with a vector of 2, expected one score for "
        + "each sample: end it with 'dense: 1'"),
    Mistake(
      critic: "[{conv: 2}]", sample: [2],
      message: "gan.yaml:2:10: critic/conv1: needs a map (h x w x c) or a sequence (steps x "
        + "features), found a vector of 2"),
    Mistake(
      generator: "[{dense: 16}, {reshape: [4, 4, 1]}]", critic: "[{conv: 1}]", sample: [4, 4, 1],
      message:
        "gan.yaml:2:10: conv1: the critic ends with a map of 4x4x1 (h x w x c), expected one "
        + "score for each sample: end it with flatten and 'dense: 1'"),
    Mistake(
      critic: "[{dense: 4}, batchnorm, {dense: 1}]",
      message:
        "gan.yaml:2:22: critic/batchnorm1: a gradient penalty is of the critic's gradient at "
        + "each sample alone, which batchnorm mixes with those of others: use layernorm"),
    Mistake(
      rules: "{loss: hinge, penalty: 3}",
      message: "gan.yaml:3:37: adversarial.penalty: means nothing for hinge, only for "
        + "wasserstein_gp: leave it out"),
    Mistake(
      rules: "{loss: wasserstein_gp, label_noise: 0.1}",
      message: "gan.yaml:3:50: adversarial.label_noise: means nothing for wasserstein_gp, only for "
        + "minimax and non_saturating: leave it out"),
    Mistake(
      rules: "{loss: wasserstein_gp, critic_steps: 0}",
      message: "gan.yaml:3:51: adversarial.critic_steps: expected an integer from 1 to 1000, found "
        + "'0'"),
    Mistake(
      rules: "{loss: wasserstein_gp, penalty: -1}",
      message: "gan.yaml:3:46: adversarial.penalty: expected a number from 0 to 1e30, found '-1'"),
    Mistake(
      rules: "wasserstein",
      message: "gan.yaml:3:14: adversarial.loss: expected one of wasserstein_gp, wasserstein_clip, "
        + "minimax, non_saturating, hinge, found 'wasserstein' (did you mean 'wasserstein_gp'?)"),
  ])
  func refuses(_ mistake: Mistake) {
    let failure = #expect(throws: Failure.self) {
      try adversaries(
        generator: mistake.generator, critic: mistake.critic, mistake.rules,
        sample: mistake.sample)
    }
    #expect(failure?.message == mistake.message)
    #expect(failure?.code == .badConfiguration)
  }

  /// Where averages are frozen a layer treats samples alike, one by one.
  @Test func frozenBatchNormIsNoMixing() throws {
    _ = try adversaries(
      generator: "[{dense: 2}]", critic: "[{dense: 4}, {batchnorm: {freeze: all}}, {dense: 1}]",
      "wasserstein_gp", sample: [2])
  }
}
