internal import Diagnostics
internal import Kernels
internal import Networks
internal import Randomness

extension GAN {
  /// Runs a body with both networks; prints an error and returns `otherwise` if it throws.
  func attempt<Result>(
    _ otherwise: Result, _ body: (Contest, Game) throws(Failure) -> Result
  ) -> Result {
    let callers = NumericThread.settings
    NumericThread.prepare()
    defer { callers.restore() }
    do throws(Failure) {
      let contest = try readyContest()
      return try body(contest, game(of: contest))
    } catch {
      Group.report(error)
      return otherwise
    }
  }

  /// The networks of both brains; throws if they do not fit each other.
  private func readyContest() throws(Failure) -> Contest {
    let generator = try network(of: generator, .generator)
    let critic = try network(of: discriminator, .discriminator)
    if let contest, contest.generator === generator, contest.critic === critic { return contest }
    guard generator !== critic else {
      throw Failure(.usage, "generator and discriminator are one brain: a GAN needs two")
    }
    guard critic.design.outputs == 1 else {
      throw Failure(
        .badConfiguration,
        "the discriminator has \(critic.design.outputs) outputs: expected one, its score")
    }
    guard generator.design.outputs == critic.design.sample[0] else {
      throw Failure(
        .badConfiguration,
        "the generator has \(generator.design.outputs) outputs, the discriminator "
          + "\(critic.design.sample[0]) inputs: expected as many")
    }
    let contest = Contest(generator: generator, critic: critic)
    self.contest = contest
    return contest
  }

  private func network(of brain: Brain?, _ type: GANType) throws(Failure) -> Learner {
    guard let brain else {
      throw Failure(.usage, "a GAN needs a \(type): call add(\(type):)")
    }
    guard let learner = brain.learner else {
      throw Failure(.usage, "the \(type) is not compiled; call compile() first")
    }
    return learner
  }

  private func game(of contest: Contest) throws(Failure) -> Game {
    guard let generator, let discriminator else {
      throw Failure(.internalError, "a contest without brains")
    }
    guard (1...1000).contains(criticTrainPerEpoch) else {
      throw Failure(
        .usage, "criticTrainPerEpoch is \(criticTrainPerEpoch): expected a number from 1 to 1000")
    }
    guard (0...1e30).contains(gradientPenaltyLambda) else {
      throw Failure(
        .usage,
        "gradientPenaltyLambda is \(gradientPenaltyLambda): expected a number from 0 to 1e30")
    }
    let isClipped = lossFunction == .wasserstein && !hasPenalty
    return Game(
      generator: contest.generator.design.layers, generatorRule: generator.rule,
      // The loss clips all weights, so layers need no constraint of their own.
      critic: isClipped
        ? try discriminator.design(limits: false).layers : contest.critic.design.layers,
      criticRule: discriminator.rule,
      rules: try rules(
        limits: discriminator.weightConstraints, noiseSize: contest.noiseSize), seed: seed,
      scoresAreLogOdds: lossFunction == .minimax
        && contest.critic.network.layers.last?.kind != "sigmoid")
  }

  private func rules(
    limits: ClosedRange<Float>?, noiseSize: Int
  ) throws(Failure) -> AdversarialSettings {
    let (steps, size) = (criticTrainPerEpoch, noiseSize)
    switch lossFunction {
    case .minimax:
      guard !hasPenalty else {
        throw Failure(
          .badConfiguration, "a WGANGP plays for the loss function wasserstein; for minimax use GAN"
        )
      }
      let noise = discriminatorNoiseFactor.map { min(1, max(0, $0)) } ?? 0
      return AdversarialSettings(
        loss: .minimax, criticSteps: steps, noiseSize: size, labelNoise: Double(decimal: noise))
    case .wasserstein where hasPenalty:
      return AdversarialSettings(
        loss: .wassersteinGP, penalty: Double(decimal: gradientPenaltyLambda), criticSteps: steps,
        noiseSize: size)
    case .wasserstein:
      if let limits, limits.lowerBound != -limits.upperBound {
        throw Failure(
          .badConfiguration,
          "the discriminator's weightConstraints are \(limits): the loss function wasserstein "
            + "keeps weights within limits like -0.01...0.01")
      }
      return AdversarialSettings(
        loss: .wassersteinClip, criticSteps: steps,
        weightClip: limits.map { Double(decimal: $0.upperBound) }, noiseSize: size)
    }
  }

  /// Uniform noise from 0 to 1, for one sample after the other.
  func standardNoise() -> [Float] {
    guard let size = generator?.inputs else { return [] }
    let stream = RandomStream(seed: seed, purpose: .noise, major: samplesOfNoise)
    samplesOfNoise += 1
    return (0..<size).map { stream.uniform(at: $0) }
  }
}
