internal import Datasets

extension Splits {
  /// What the first batches of a run's first epoch hold, to be trained and validated on.
  func first(_ batches: Int, of configuration: RunConfiguration) -> Splits {
    var sampler = configuration.data.sampler(over: training.count, seed: configuration.seed)
    let samples = (0..<min(batches, sampler.stepsPerEpoch))
      .flatMap { sampler.batch(atStep: $0).samples }
    let some = training.selecting(samples)
    return Splits(training: some, test: some, validation: .test, seed: configuration.seed)
  }
}

extension Splits.Outline {
  /// The same of what is not there yet.
  func first(_ samples: Int) -> Splits.Outline {
    let some = training.first(samples)
    return Splits.Outline(training: some, validation: some, test: some)
  }
}
