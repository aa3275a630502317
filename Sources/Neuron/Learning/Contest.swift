internal import Communication
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Reports
internal import Training

/// The two networks of a GAN, and their training.
@safe final class Contest {
  let generator: Learner
  let critic: Learner
  /// The state at the end of the last training, and the group whose slices the moments are.
  private var last: (state: ModelState, group: Communicator, memory: Memory)?

  /// The optimisers and resets of the moments; a change of either drops the moments.
  private struct Memory: Equatable {
    let optimizers: [Optimizer?]
    let resets: [Int]
  }

  init(generator: Learner, critic: Learner) {
    self.generator = generator
    self.critic = critic
  }

  /// The number of noise values of a sample.
  var noiseSize: Int { generator.design.sample[0] }

  /// Trains a round of steps for each epoch, until `ended` returns true; collective.
  ///
  /// The brains get the weights after each epoch, and those of the last good step if it throws.
  func train(
    by game: Game, on samples: Datasets.Dataset, batch: Int, epochs: Int, noise: SharedNoise,
    ended: (_ epoch: Int, _ metrics: Metrics) throws(Failure) -> Bool
  ) throws(Failure) {
    let experiment = try game.experiment(on: samples, batch: batch)
    let given = NoiseBuffer(samples: batch, size: noiseSize)
    let trainer = try makeTrainer(experiment, game, epochs: epochs, given)
    defer { trainer.pool.stop() }
    let places = try places(in: trainer.state)
    for place in places { place.take() }
    var course = experiment.batches
    do throws(Failure) {
      for epoch in 0..<max(0, epochs) {
        var totals = Metrics(experiment.metrics)
        for _ in 0..<course.cycle.length {
          let batch = course.batch(atStep: trainer.state.step)
          let numbers = try noise.draw(batch.count)
          _ = unsafe given.numbers.update(fromContentsOf: numbers)
          totals += try trainer.step(batch).metrics
        }
        for place in places { place.give() }
        if try ended(epoch, totals) { return }
      }
    } catch {
      for place in places { place.give() }
      // The next training does not continue a broken round.
      last = nil
      throw error
    }
  }

  /// A trainer that continues with the brains' weights and the moments of the last one.
  private func makeTrainer(
    _ experiment: Experiment, _ game: Game, epochs: Int, _ noise: NoiseBuffer
  ) throws(Failure) -> Trainer {
    let memory = Memory(
      optimizers: [game.criticRule.optimizer, game.generatorRule.optimizer],
      resets: [critic.resets, generator.resets])
    if last?.memory != memory { last = nil }
    try Group.world.handshake([
      ("epochs of the GAN", "\(epochs)"),
      ("rules of the GAN", "\(game.rules), \(game.seed)"),
      ("optimizers of the GAN", "\(game.criticRule), \(game.generatorRule)"),
    ])
    for learner in [critic, generator] { try learner.state.compareReplicas(on: Group.world) }
    let (trainer, group) = try Group.trainer(of: experiment, state: last?.state, noise: noise)
    if let last, last.state !== trainer.state {
      try trainer.state.takeMoments(of: last.state, inSlicesOf: last.group)
      trainer.state.step = last.state.step
    }
    last = (trainer.state, group, memory)
    return trainer
  }

  /// The place of each parameter of a brain among the weights of both.
  private func places(in state: ModelState) throws(Failure) -> [SharedParameter] {
    var places: [SharedParameter] = []
    for (learner, name) in [
      (critic, Adversaries.Name.critic), (generator, Adversaries.Name.generator),
    ] {
      for parameter in learner.state.parameters {
        guard let other = state.layout["\(name)/\(parameter.name)"] else {
          throw Failure(.internalError, "the GAN has no '\(parameter.name)' of the \(name)")
        }
        places.append(
          SharedParameter(
            learner: learner, range: parameter.range, state: state, other: other.range))
      }
    }
    return places
  }
}

/// A parameter of a brain and its place in the training state.
@safe private struct SharedParameter {
  let learner: Learner
  let range: Range<Int>
  let state: ModelState
  let other: Range<Int>

  /// Copies the brain's values to the training state.
  func take() {
    SharedParameter.copy(range, of: learner.state, to: other, of: state)
  }

  /// Copies the trained values to the brain.
  func give() {
    SharedParameter.copy(other, of: state, to: range, of: learner.state)
  }

  private static func copy(
    _ source: Range<Int>, of from: ModelState, to target: Range<Int>, of to: ModelState
  ) {
    unsafe to.changeWeights { weights in
      let new = unsafe UnsafeBufferPointer(
        start: from.weights + source.lowerBound, count: source.count)
      unsafe _ = weights[target].update(fromContentsOf: new)
    }
  }
}
