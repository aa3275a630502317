import Communication
import Datasets
import Execution
import Graphs
import Randomness
import Reports
import TestSupport
import Testing
import Training

// Not that of nn-dist; the module's name is that of one of its types, too.
import enum Neuron.Metric
import enum Neuron.Optimizer
import Neuron

@Suite struct GANTests {
  /// A brain of lobes with leaky hidden layers, whose biases begin as 0.1.
  static func brain(
    _ nodes: [Int], rate: Float = 0.01, last: Activation = .none,
    optimizer: Optimizer? = nil,
    limits: ClosedRange<Float>? = nil, seed: UInt64 = 1
  ) -> Brain {
    let brain = Brain(learningRate: rate, weightConstraints: limits)
    brain.seed = seed
    brain.addInputs(nodes[0])
    for count in nodes[1...].dropLast() {
      brain.add(LobeModel(nodes: count, activation: .leakyRelu, bias: 0.1))
    }
    brain.add(LobeModel(nodes: nodes[nodes.count - 1], activation: last))
    if let optimizer { brain.add(optimizer: optimizer) }
    brain.compile()
    return brain
  }

  /// Points on a line in the plane.
  static let samples = (0..<24).map { number in
    let place = Float(number * 7 % 24) / 24
    return TrainingData(data: [place, 1 - 2 * place], correct: [])
  }

  private func wgan(_ rounds: Int = 4, seed: UInt64 = 1) -> (
    gan: WGANGP, made: Brain, critic: Brain
  ) {
    let generator = Self.brain([3, 5, 2], optimizer: .adam(), seed: seed)
    let critic = Self.brain([2, 6, 1], optimizer: .adam(), seed: seed)
    let gan = WGANGP(
      generator: generator, discriminator: critic, epochs: rounds, criticTrainPerEpoch: 2,
      batchSize: 8, metrics: [.criticLoss, .generatorLoss, .gradientPenalty])
    return (gan, generator, critic)
  }

  // MARK: What a round does

  /// A linear critic of weights 3 and 4: by hand, the penalty is 10 (5 - 1)², its derivative 48 and
  /// 64.
  @Test func aRoundByHand() {
    let (generator, critic) = (Self.brain([1, 2], rate: 0.1), Self.brain([2, 1], rate: 0.01))
    generator.replaceWeights(weights: [[[0]], [[0.5], [-1]]])
    critic.replaceWeights(weights: [[[0], [0]], [[3, 4]]])
    let gan = WGANGP(
      generator: generator, discriminator: critic, epochs: 1, criticTrainPerEpoch: 1,
      batchSize: 4, metrics: [.criticLoss, .gradientPenalty, .generatorLoss])
    gan.randomNoise = { [1] }
    gan.train(dataset: ([TrainingData(data: [1, 2], correct: [])], []))
    func isNear(_ a: Float?, _ b: Double) -> Bool {
      a.map { isClose(Double($0), b, relative: 1e-5) } ?? false
    }
    #expect(isNear(gan.metrics[.gradientPenalty], 160) && gan.gradientPenalty == 160)
    // (1.5 - 4) - (3 + 8) + 160
    #expect(isNear(gan.metrics[.criticLoss], 146.5))
    // Less a hundredth of (0.5 - 1, -1 - 2) + (48, 64).
    let scores = critic.weights()[1][0]
    #expect(isNear(scores[0], 2.525) && isNear(scores[1], 3.39))
    #expect(isNear(gan.metrics[.generatorLoss], 3.39 - 0.5 * 2.525))
    let made = generator.weights()[1]
    #expect(isNear(made[0][0], 0.5 + 0.2525) && isNear(made[1][0], -1 + 0.339))
    #expect(gan.getGeneratedSample() == [made[0][0], made[1][0]])
    #expect(gan.discriminate([1, 1]) == critic.feed(input: [1, 1])[0])
  }

  /// How a configuration says what a GAN plays for.
  struct Game: CustomTestStringConvertible, Sendable {
    let terms: String
    let make: @Sendable (Brain, Brain) -> GAN
    var limits: ClosedRange<Float>?
    var last: Activation = .none

    var testDescription: String { terms }
  }

  private static let games = [
    Game(terms: "loss: wasserstein_gp, penalty: 2") {
      WGANGP(
        generator: $0, discriminator: $1, epochs: 4, criticTrainPerEpoch: 3,
        gradientPenaltyLambda: 2, batchSize: 8)
    },
    Game(
      terms: "loss: minimax, label_noise: 0.7",
      make: {
        let gan = GAN(
          generator: $0, discriminator: $1, epochs: 4, criticTrainPerEpoch: 3, batchSize: 8)
        gan.discriminatorNoiseFactor = 0.7
        return gan
      }, last: .sigmoid),
    Game(
      terms: "loss: wasserstein_clip, weight_clip: 0.2",
      make: {
        let gan = GAN(
          generator: $0, discriminator: $1, epochs: 4, criticTrainPerEpoch: 3, batchSize: 8)
        gan.lossFunction = .wasserstein
        return gan
      }, limits: -0.2...0.2),
  ]

  /// The weights are those, bit by bit, that the adversarial trainer comes to by itself.
  @Test(arguments: games) func weightsAreThoseOfARun(_ game: Game) throws {
    let generator = Self.brain([3, 5, 2], optimizer: .adam(b1: 0.5))
    let critic = Self.brain([2, 6, 1], rate: 0.002, last: game.last, limits: game.limits)
    let gan = game.make(generator, critic)
    gan.seed = 9
    let biases = { (count: Int) in
      "[\(Array(repeating: "0.1", count: count).joined(separator: ", "))]"
    }
    let last = game.last == .sigmoid ? ", sigmoid" : ""
    let experiment = try Experiment(
      RunConfiguration(
        text: """
          name: game
          seed: 9
          data: {dataset: digits, batch: 8}
          generator:
            [{dense: {units: 5, bias: \(biases(5))}}, {leaky_relu: 0.1}, {dense: {units: 2, bias: false}}]
          critic:
            [{dense: {units: 6, bias: \(biases(6))}}, {leaky_relu: 0.1},
             {dense: {units: 1, bias: false}}\(last)]
          adversarial: {\(game.terms), critic_steps: 3, noise: {size: 3, kind: uniform}}
          optimizer:
            generator: {adam: {learning_rate: 0.01, beta1: 0.5}}
            critic: {sgd: {learning_rate: 0.002}}
          """, source: "game.yaml"),
      data: Splits(
        training: Datasets.Dataset(
          shape: [2], elements: .floats(Self.samples.flatMap(\.data)),
          targets: .values([Float](repeating: 0, count: 24), shape: [1]),
          normalisation: Normalisation(scale: 1, mean: 0, deviation: 1)),
        test: nil, validation: .none, seed: 9))
    let trainer = try Trainer(experiment, communicator: .alone(), workers: 1)
    defer { trainer.pool.stop() }
    func weights(_ name: String) -> [Float] {
      trainer.state.parameters.filter { $0.name.hasPrefix(name) && $0.name.hasSuffix("weight") }
        .flatMap { $0.range.map { unsafe trainer.state.weights[$0] } }
    }
    let brains = [("generator", generator), ("critic", critic)]
    for (name, brain) in brains {
      let places = trainer.state.parameters
        .filter { $0.name.hasPrefix(name) && $0.name.hasSuffix("weight") }.flatMap(\.range)
      unsafe trainer.state.changeWeights { weights in
        for (place, weight) in zip(places, brain.weights().dropFirst().joined().joined()) {
          unsafe weights[place] = weight
        }
      }
      #expect(weights(name) == Array(brain.weights().dropFirst().joined().joined()))
    }
    // The noise that the trainer draws, which is keyed by step and sample.
    var drawn = 0
    gan.randomNoise = {
      let stream = RandomStream(
        seed: 9, purpose: .noise, major: UInt64(drawn / 8), minor: UInt32(drawn % 8))
      drawn += 1
      return (0..<3).map { 2 * stream.uniform(at: $0) - 1 }
    }
    gan.train(dataset: (Self.samples, []))
    var (course, totals) = (experiment.batches, Metrics(experiment.metrics))
    for step in 0..<16 {
      if step % 4 == 0 { totals.reset() }
      totals += try trainer.step(course.batch(atStep: step)).metrics
    }
    for (name, brain) in brains {
      #expect(weights(name) == Array(brain.weights().dropFirst().joined().joined()), "\(name)")
    }
    #expect(drawn == 16 * 8 && gan.discriminatorLoss == Float(totals.loss))
    if let limits = game.limits {
      #expect(weights("critic").allSatisfy { limits.contains($0) })
    }
  }

  @Test func trainingGoesOnWhereItEnded() {
    let (whole, parts) = (wgan(6), wgan(2))
    whole.gan.train(dataset: (Self.samples, []))
    for _ in 0..<3 { parts.gan.train(data: Self.samples) }
    // After the fifth round one more sample was made, to be validated.
    #expect(whole.gan.generatorLossHistory[..<5] == parts.gan.generatorLossHistory[..<5])
    let (five, again) = (wgan(5), wgan(1))
    five.gan.train(dataset: (Self.samples, []))
    for _ in 0..<5 { again.gan.train(dataset: (Self.samples, [])) }
    #expect(five.critic.weights() == again.critic.weights())
    #expect(five.made.weights() == again.made.weights())
    // Brains that were cleared begin without memory, as does the noise of a seed that is set.
    five.made.clear()
    five.critic.clear()
    five.gan.seed = 1
    five.gan.train(dataset: (Self.samples, []))
    #expect(five.made.weights() == again.made.weights())
  }

  /// Weights that brains bring are what training begins with, and what it comes to they can tell
  /// and export.
  @Test func brainsKeepTheirWeights() throws {
    let (first, second) = (wgan(seed: 1), wgan(seed: 7))
    #expect(first.made.weights() != second.made.weights())
    second.made.replaceWeights(weights: first.made.weights())
    second.critic.replaceWeights(weights: first.critic.weights())
    let before = first.made.feed(input: [0.1, 0.2, 0.3])
    for side in [first, second] { side.gan.train(dataset: (Self.samples, [])) }
    #expect(first.made.weights() == second.made.weights())
    let after = first.made.feed(input: [0.1, 0.2, 0.3])
    #expect(after != before && after == second.made.feed(input: [0.1, 0.2, 0.3]))
    let again = Brain(model: first.made.exportModel(), learningRate: 0.01, epochs: 1)
    let gan = WGANGP(
      generator: again, discriminator: first.critic, epochs: 4, criticTrainPerEpoch: 2,
      batchSize: 8)
    #expect(again.compiled && again.feed(input: [0.1, 0.2, 0.3]) == after)
    gan.train(dataset: (Self.samples, []))
    #expect(gan.generatorLossHistory.count == 4 && again.weights() != first.made.weights())
  }

  /// A batch is all samples of one call, and its loss that before the step.
  @Test(arguments: GANLossFunction.allCases) func aBatchIsOneRound(_ loss: GANLossFunction) {
    for last in [Activation.none, .sigmoid] {
      let generator = Self.brain([3, 5, 2])
      let gan = GAN(
        generator: generator, discriminator: Self.brain([2, 6, 1], last: last), epochs: 9,
        criticTrainPerEpoch: 1, batchSize: 8)
      gan.lossFunction = loss
      gan.randomNoise = { [0.1, 0.5, 0.9] }
      let expected = gan.validateOn(Self.samples)
      #expect(expected == gan.validateOn(Self.samples))
      let found = gan.trainOn(Self.samples)
      #expect(isClose(Double(found), Double(expected), relative: 1e-4, absolute: 1e-6))
      #expect(gan.generatorLossHistory.count == 1)
    }
  }

  // MARK: What is told

  @Test func metricsAreThoseThatAreWanted() {
    let (gan, _, _) = wgan(3)
    var epochs: [Int] = []
    var last: [Metric: Float] = [:]
    gan.train(data: Self.samples) {
      epochs.append($0)
    } complete: {
      last = $0
    }
    #expect(epochs == [0, 1, 2] && Set(last.keys) == gan.metricsToGather)
    #expect(last[.gradientPenalty] == gan.gradientPenalty)
    #expect(last[.criticLoss] == gan.discriminatorLoss && last[.generatorLoss] == gan.generatorLoss)
    #expect(gan.generatorLossHistory.count == 3 && gan.generatorLossHistory[2] == gan.generatorLoss)
    #expect(gan.gradientPenaltyHistory.last == gan.gradientPenalty && gan.gradientPenalty > 0)
    gan.metricsToGather = []
    gan.metrics = [:]
    gan.train(dataset: (Self.samples, [])) { #expect($1.isEmpty && $0 < 3) }
    #expect(gan.generatorLossHistory.count == 6)
  }

  @Test func trainingEndsWhenTheGeneratorIsAsWanted() {
    let (gan, generator, _) = wgan(30)
    var seen: [[Float]] = []
    var isComplete = false
    gan.validateGenerator = {
      seen.append($0)
      return seen.count == 3
    }
    gan.train(dataset: (Self.samples, []), complete: { _ in isComplete = true })
    #expect(gan.generatorLossHistory.count == 15 && isComplete && Set(seen).count == 3)
    #expect(seen.allSatisfy { $0.count == 2 } && generator.compiled)
  }

  @Test func standardNoiseIsEvenAndFollowsFromTheSeed() {
    let (one, other) = (wgan().gan, wgan().gan)
    let numbers = (0..<2000).flatMap { _ in one.randomNoise() }
    #expect(numbers.count == 6000 && numbers.allSatisfy { (0..<1).contains($0) })
    let mean = numbers.reduce(0) { $0 + Double($1) } / 6000
    #expect(abs(mean - 0.5) < 0.02 && Set(numbers).count > 5900)
    #expect(other.randomNoise() == Array(numbers[..<3]))
    other.seed = 5
    #expect(other.randomNoise() != Array(numbers[..<3]))
  }

  @Test func labelsAndLosses() {
    let (game, other) = (GANLossFunction.minimax, GANLossFunction.wasserstein)
    #expect(game.label(type: .real) == 1 && game.label(type: .fake) == 0)
    #expect(other.label(type: .real) == 1 && other.label(type: .fake) == -1)
    #expect(other.loss(.real, value: 3) == 3 && other.loss(.fake, value: 3) == -3)
    #expect(isClose(Double(game.loss(.real, value: 0.25)), -1.3862943611, relative: 1e-6))
    #expect(isClose(Double(game.loss(.fake, value: 0.25)), -0.2876820724, relative: 1e-6))
    #expect(WGANGP(epochs: 1, batchSize: 1).lossFunction == .wasserstein)
    #expect(GAN(epochs: 1, batchSize: 1).lossFunction == .minimax)
    #expect(GANType.allCases == [.generator, .discriminator])
  }

  // MARK: What does not fit

  /// A use that is refused: nothing is learnt, and training is over.
  private func expectRefusal(
    _ gan: GAN, _ samples: [TrainingData] = samples, _ place: SourceLocation = #_sourceLocation
  ) {
    var isComplete = false
    gan.train(dataset: (samples, []), complete: { _ in isComplete = true })
    #expect(isComplete && gan.generatorLossHistory.isEmpty, sourceLocation: place)
    #expect(gan.trainOn(samples) == 0, sourceLocation: place)
  }

  @Test func networksThatDoNotFitAreRefused() {
    let empty = GAN(epochs: 1, batchSize: 4)
    expectRefusal(empty)
    #expect(empty.getGeneratedSample().isEmpty && empty.discriminate([1, 2]) == 0)
    #expect(empty.validateOn(Self.samples) == 0 && empty.randomNoise().isEmpty)
    empty.add(generator: Self.brain([3, 2]))
    expectRefusal(empty)
    func refuse(_ generator: Brain, _ critic: Brain, _ change: (WGANGP) -> Void = { _ in }) {
      let gan = WGANGP(generator: generator, discriminator: critic, epochs: 2, batchSize: 4)
      change(gan)
      let weights = (generator.weights(), critic.weights())
      expectRefusal(gan)
      #expect(generator.weights() == weights.0 && critic.weights() == weights.1)
    }
    refuse(Self.brain([3, 2]), Self.brain([2, 2]))
    refuse(Self.brain([3, 3]), Self.brain([2, 1]))
    let one = Self.brain([1, 1])
    refuse(one, one)
    let (bad, mixing) = (Brain(), Brain())
    bad.addInputs(2)
    bad.add(layer: "densee: 1")
    refuse(Self.brain([3, 2]), bad)
    mixing.addInputs(2)
    mixing.add(layer: "batchnorm")
    mixing.add(LobeModel(nodes: 1))
    refuse(Self.brain([3, 2]), mixing)
    refuse(Self.brain([3, 2]), Self.brain([2, 1])) { $0.lossFunction = .minimax }
    refuse(Self.brain([3, 2]), Self.brain([2, 1])) { $0.randomNoise = { [1, 2] } }
    refuse(Self.brain([3, 2]), Self.brain([2, 1])) { $0.randomNoise = { [1, 2, 3, 4] } }
  }

  @Test func numbersThatMeanNothingAreRefused() {
    func brains() -> (Brain, Brain) { (Self.brain([3, 2]), Self.brain([2, 1])) }
    for (steps, penalty) in [(0, 10), (-1, 10), (1, -1), (1, .infinity), (1, .nan)]
      as [(Int, Float)]
    {
      let (generator, critic) = brains()
      expectRefusal(
        WGANGP(
          generator: generator, discriminator: critic, epochs: 1, criticTrainPerEpoch: steps,
          gradientPenaltyLambda: penalty, batchSize: 4))
    }
    let (generator, _) = brains()
    let uneven = GAN(
      generator: generator, discriminator: Self.brain([2, 1], limits: -0.1...0.2), epochs: 1,
      batchSize: 4)
    uneven.lossFunction = .wasserstein
    expectRefusal(uneven)
    // What can be meant is taken for it.
    let (maker, judge) = brains()
    let gan = GAN(generator: maker, discriminator: judge, epochs: -3, batchSize: -2)
    gan.discriminatorNoiseFactor = .nan
    gan.train(dataset: (Self.samples, []))
    #expect(gan.generatorLossHistory.isEmpty)
    gan.epochs = 1
    gan.discriminatorNoiseFactor = 3
    gan.train(dataset: (Self.samples, []))
    #expect(gan.generatorLossHistory.count == 1)
  }

  @Test func samplesThatDoNotFitAreRefused() {
    for samples in [[], Self.samples + [TrainingData(data: [1, 2, 3], correct: [])]] {
      expectRefusal(wgan().gan, samples)
    }
    let (gan, generator, critic) = wgan()
    let weights = (generator.weights(), critic.weights())
    expectRefusal(gan, [TrainingData(data: [.infinity, 1], correct: [])])
    gan.randomNoise = { [0, .nan, 0] }
    expectRefusal(gan)
    #expect(generator.weights() == weights.0 && critic.weights() == weights.1)
    // It goes on when all is well again.
    gan.randomNoise = { [0, 1, 0] }
    gan.train(dataset: (Self.samples, []))
    #expect(gan.generatorLossHistory.count == 4 && critic.weights() != weights.1)
  }
}
