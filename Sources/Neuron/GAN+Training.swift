internal import Communication
internal import Datasets
internal import Diagnostics
internal import Kernels
internal import Reports
internal import Training

extension GAN {
  /// Trains for `epochs` rounds, or until `validateGenerator` returns true.
  ///
  /// A second call continues where the first one ended. An error is printed to standard error and
  /// ends training; `complete` is called in any case.
  ///
  /// - Parameters:
  ///   - dataset: The samples to imitate; validation samples are not used.
  ///   - epochCompleted: Called after every epoch, with its number from 0 and the metrics gathered.
  ///   - complete: Called at the end, with the last metrics.
  public func train(
    dataset: InputData, epochCompleted: ((Int, [Metric: Float]) -> Void)? = nil,
    complete: (([Metric: Float]) -> Void)? = nil
  ) {
    run(dataset.training, batch: batchSize, epochs: epochs, epochCompleted)
    complete?(metrics)
  }

  /// Trains on samples for `epochs` rounds, or until `validateGenerator` returns true.
  public func train(
    data: [TrainingData], validation: [TrainingData] = [],
    epochCompleted: ((_ epoch: Int) -> Void)? = nil,
    complete: ((_ metrics: [Metric: Float]) -> Void)? = nil
  ) {
    train(
      dataset: (data, validation), epochCompleted: { epoch, _ in epochCompleted?(epoch) },
      complete: complete)
  }

  /// Takes one round of steps on a batch and returns the discriminator's mean loss; 0 after an
  /// error.
  public func trainOn(_ batch: [TrainingData]) -> Float {
    run(batch, batch: batch.count, epochs: 1, nil) ? discriminatorLoss : 0
  }

  /// The discriminator's mean loss on real samples and as many generated ones, without the penalty
  /// and without training; 0 after an error.
  public func validateOn(_ batch: [TrainingData]) -> Float {
    attempt(0) { contest, game throws(Failure) in
      guard !batch.isEmpty else { throw Failure(.badData, "expected samples, found none") }
      let noise = SharedNoise(size: contest.noiseSize, source: randomNoise)
      var sum: Float = 0
      for sample in batch {
        let made = try contest.generator.feed(noise.draw(1))
        let values = try [sample.data, made].map { (input) throws(Failure) in
          try game.value(of: contest.critic.feed(input)[0])
        }
        sum +=
          lossFunction.loss(.real, value: values[0]) + lossFunction.loss(.fake, value: values[1])
      }
      return -sum / Float(batch.count)
    }
  }

  /// Trains, and returns whether it finished.
  @discardableResult
  private func run(
    _ samples: [TrainingData], batch: Int, epochs: Int,
    _ epochCompleted: ((Int, [Metric: Float]) -> Void)?
  ) -> Bool {
    let callers = NumericThread.settings
    return attempt(false) { contest, game throws(Failure) in
      let dataset = try dataset(samples, for: contest)
      let noise = SharedNoise(size: contest.noiseSize, source: randomNoise)
      var isContent = false
      try contest.train(
        by: game, on: dataset, batch: min(max(1, batch), samples.count), epochs: epochs,
        noise: noise
      ) { epoch, epochMetrics throws(Failure) in
        note(epochMetrics, after: epoch)
        callers.restore()
        epochCompleted?(epoch, metrics)
        for brain in [generator, discriminator] { brain?.epochEnded(epoch) }
        NumericThread.prepare()
        if epoch % 5 == 4 { isContent = try isValid(contest.generator.feed(noise.draw(1))) }
        return isContent
      }
      log(.low, isContent ? "the generator makes what is wanted" : "training has ended")
      return true
    }
  }

  private func dataset(
    _ samples: [TrainingData], for contest: Contest
  ) throws(Failure) -> Datasets.Dataset {
    guard !samples.isEmpty else { throw Failure(.badData, "expected samples, found none") }
    let width = contest.critic.design.sample[0]
    if let place = samples.firstIndex(where: { $0.data.count != width }) {
      throw Failure(
        .badData,
        "sample \(place): expected \(width) numbers, as the discriminator has inputs, found "
          + "\(samples[place].data.count)")
    }
    return contest.critic.design.dataset(
      samples.flatMap(\.data), answers: [Float](repeating: 0, count: samples.count))
  }

  /// The result of `validateGenerator` on rank 0: ranks that disagreed would wait for each other.
  private func isValid(_ sample: [Float]) throws(Failure) -> Bool {
    let answer: UInt8 = validateGenerator(sample) ? 1 : 0
    return try Group.world.broadcast([answer]) == [1]
  }

  private func note(_ epochMetrics: Metrics, after epoch: Int) {
    func figure(_ name: String) -> Float? { epochMetrics[name].map { Float($0) } }
    discriminatorLoss = Float(epochMetrics.loss)
    addMetric(value: discriminatorLoss, key: .criticLoss)
    generatorLoss = figure("generator_loss") ?? 0
    generatorLossHistory.append(generatorLoss)
    addMetric(value: generatorLoss, key: .generatorLoss)
    if let penalty = figure("gradient_penalty") {
      gradientPenalty = penalty
      gradientPenaltyHistory.append(penalty)
      addMetric(value: penalty, key: .gradientPenalty)
    }
    log(
      .medium,
      "epoch \(epoch + 1) of \(epochs): critic loss \(discriminatorLoss), generator loss "
        + "\(generatorLoss)" + (hasPenalty ? ", gradient penalty \(gradientPenalty)" : ""))
  }
}
