internal import Datasets
internal import Diagnostics
internal import Training

extension Brain {
  /// Trains for `epochs` epochs, or until the validation loss is low enough, and returns then.
  ///
  /// Samples are taken in their order. What goes wrong is told on standard error, and ends training;
  /// `complete` is called in any case.
  ///
  /// - Parameters:
  ///   - dataset: What is trained on, and what watches it, which may be empty.
  ///   - epochCompleted: Called after every epoch, with its number from 0 and the metrics gathered.
  ///   - complete: Called at the end, with the last metrics.
  public func train(
    dataset: InputData, epochCompleted: ((Int, [Metric: Float]) -> Void)? = nil,
    complete: (([Metric: Float]) -> Void)? = nil
  ) {
    _ = train(dataset.training, dataset.validation, epochCompleted)
    complete?(metrics)
  }

  /// Trains; `complete` is told whether the validation loss came down to the threshold.
  public func train(
    data: [TrainingData], validation: [TrainingData] = [],
    epochCompleted: ((_ epoch: Int) -> Void)? = nil,
    complete: ((_ passedValidation: Bool) -> Void)? = nil
  ) {
    let passed = train(data, validation) { epoch, _ in epochCompleted?(epoch) }
    complete?(passed)
  }

  /// Takes one step on all samples of a batch, and returns their mean loss before it; 0 if it cannot.
  public func trainOn(_ batch: [TrainingData]) -> Float {
    trainable = true
    return attempt(0) { learner throws(Failure) in
      try learner.follow(rule)
      return try Float(learner.step(on: dataset(batch, learner)).loss)
    }
  }

  /// The mean loss over the samples of a batch, without learning anything; 0 if it cannot be computed.
  public func validateOn(_ batch: [TrainingData]) -> Float {
    trainable = false
    return attempt(0) { learner throws(Failure) in
      try Float(learner.evaluate(dataset(batch, learner)).loss)
    }
  }

  /// What the network answers for an input; nothing if it is not compiled, or of another size.
  public func feed(input: [Float]) -> [Float] {
    guard let learner, input.count == inputs else {
      Group.tell(feedMisfit(input))
      return []
    }
    defer { observer?.brain(self, didFeed: input) }
    do throws(Failure) { return try learner.feed(input) } catch {
      Group.report(error)
      return []
    }
  }

  private func feedMisfit(_ input: [Float]) -> String {
    compiled
      ? "feed: expected \(inputs ?? 0) inputs, found \(input.count)"
      : "feed: the brain is not compiled; call compile() first"
  }

  // MARK: The run

  /// Returns whether the validation loss came down to the threshold.
  private func train(
    _ training: [TrainingData], _ validation: [TrainingData],
    _ epochCompleted: ((Int, [Metric: Float]) -> Void)?
  ) -> Bool {
    trainable = true
    return attempt(false) { learner throws(Failure) in
      try learner.follow(rule)
      let samples = try dataset(training, learner)
      let watched = validation.isEmpty ? nil : try dataset(validation, learner)
      var last: [Double] = []
      var passed = false
      try learner.train(
        on: samples, validation: watched, batch: descent.batch(of: samples.count), epochs: epochs
      ) { epoch, totals, result in
        note(totals, result, after: epoch)
        epochCompleted?(epoch, metrics)
        observer?.brain(self, didFinishEpoch: epoch)
        last = (last + (result.map { [$0.loss] } ?? [])).suffix(5)
        passed = last.count == 5 && last.reduce(0, +) / 5 <= Double(lossThreshold)
        return passed
      }
      log(.low, passed ? "training passed validation" : "training has ended")
      return passed
    }
  }

  private func note(_ totals: EpochTotals, _ validation: Evaluation?, after epoch: Int) {
    loss.append(Float(totals.meanLoss))
    let accuracy = 100 * totals.counters[0] / Double(max(1, totals.samples))
    addMetric(value: Float(totals.meanLoss), key: .loss)
    addMetric(value: Float(accuracy), key: .accuracy)
    if let validation { addMetric(value: Float(validation.loss), key: .valLoss) }
    log(
      .medium,
      "epoch \(epoch + 1) of \(epochs): loss \(Float(totals.meanLoss))"
        + (validation.map { ", validation loss \(Float($0.loss))" } ?? "")
        + (logLevel == .high ? ", accuracy \(Float(accuracy)) %" : ""))
  }

  /// Does something with the compiled network; tells why it cannot, and returns what stands for it.
  func attempt<Result>(
    _ otherwise: Result, _ body: (Learner) throws(Failure) -> Result
  ) -> Result {
    guard let learner else {
      Group.tell("the brain is not compiled; call compile() first")
      return otherwise
    }
    do throws(Failure) { return try body(learner) } catch {
      Group.report(error)
      return otherwise
    }
  }

  private func dataset(
    _ samples: [TrainingData], _ learner: Learner
  ) throws(Failure) -> Datasets.Dataset {
    let (width, outputs) = (inputs ?? 0, learner.design.outputs)
    guard !samples.isEmpty else { throw Failure(.badData, "expected samples, found none") }
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
