internal import Datasets
internal import Diagnostics

extension Brain {
  /// Trains for `epochs` epochs, or until the validation loss is low enough.
  ///
  /// Samples are used in their order. An error is printed to standard error and ends training;
  /// `complete` is called in any case.
  ///
  /// - Parameters:
  ///   - dataset: Training and validation samples; the latter may be empty.
  ///   - epochCompleted: Called after every epoch, with its number from 0 and the metrics gathered.
  ///   - complete: Called at the end, with the last metrics.
  public func train(
    dataset: InputData, epochCompleted: ((Int, [Metric: Float]) -> Void)? = nil,
    complete: (([Metric: Float]) -> Void)? = nil
  ) {
    begin(dataset.training)
    _ = run(dataset.training, dataset.validation, epochCompleted)
    complete?(metrics)
  }

  /// Trains; `complete` gets whether the validation loss reached the threshold.
  public func train(
    data: [TrainingData], validation: [TrainingData] = [],
    epochCompleted: ((_ epoch: Int) -> Void)? = nil,
    complete: ((_ passedValidation: Bool) -> Void)? = nil
  ) {
    begin(data)
    let passed = run(data, validation) { epoch, _ in epochCompleted?(epoch) }
    complete?(passed)
  }

  private func begin(_ samples: [TrainingData]) {
    trainable = true
    if visualizer?.input == nil { visualizer?.input = samples.first?.data }
  }

  /// Takes one step on a batch and returns the mean loss before it; 0 after an error.
  public func trainOn(_ batch: [TrainingData]) -> Float {
    trainable = true
    return step(on: batch)
  }

  /// The mean loss on a batch, without training; 0 after an error.
  public func validateOn(_ batch: [TrainingData]) -> Float {
    trainable = false
    return meanLoss(on: batch)
  }

  /// The network's output for an input; empty if it is not compiled or the size differs.
  public func feed(input: [Float]) -> [Float] {
    guard input.count == inputs else {
      Group.tell("feed: expected \(inputs ?? 0) inputs, found \(input.count)")
      return []
    }
    let answer = answer(to: input)
    for observer in observers { observer.brain(self, didFeed: input) }
    return answer
  }
}

extension Brain {
  /// The output of every layer for an input; activations are layers, and maps have their channels
  /// last.
  ///
  /// Empty if the network is not compiled or the size differs.
  public func activations(input: [Float]) -> [[Float]] {
    guard input.count == inputs else {
      Group.tell("activations: expected \(inputs ?? 0) inputs, found \(input.count)")
      return []
    }
    return attempt([]) { learner throws(Failure) in try learner.feedAll(input) }
  }
}

extension Brain: Learning {
  func epochEnded(_ epoch: Int) {
    for observer in observers { observer.brain(self, didFinishEpoch: epoch) }
  }

  func dataset(
    _ samples: [TrainingData], for learner: Learner
  ) throws(Failure) -> Datasets.Dataset {
    let (width, outputs) = (inputs ?? 0, learner.design.outputs)
    for (place, sample) in samples.enumerated() {
      guard sample.data.count == width, sample.correct.count == outputs else {
        throw Failure(
          .badData,
          "sample \(place): expected \(width) inputs and \(outputs) outputs, found "
            + "\(sample.data.count) and \(sample.correct.count)")
      }
    }
    return learner.design.dataset(samples.flatMap(\.data), answers: samples.flatMap(\.correct))
  }
}
