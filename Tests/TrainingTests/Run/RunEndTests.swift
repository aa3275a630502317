import Checkpoints
import Communication
import Datasets
import Diagnostics
import Reports
import TestSupport
import Testing
import Training

/// When runs end and when they save, by what they have come to and by the clock.
///
/// Four steps make an epoch.
@Suite struct RunEndTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var checkpoints: CheckpointDirectory { CheckpointDirectory(directory.path) }

  /// Nothing is learnt, so no epoch is better than the first.
  private static func still(_ train: String) -> Sample {
    Sample(model: "[flatten, {dense: 10}]", optimizer: "{sgd: 1e-30}", train: train)
  }

  /// A clock that goes on by a second whenever it is asked.
  private func ticking() -> () -> Double {
    var seconds = 0.0
    return {
      seconds += 1
      return seconds
    }
  }

  // MARK: Early stopping

  @Test(arguments: [1, 3]) func endsWhenNothingGetsBetter(_ patience: Int) throws {
    let sample = Self.still("{epochs: 9, early_stop: \(patience)}")
    guard case .stoppedEarly(let reason) = try train(sample, in: directory) else {
      Issue.record("the run did not stop early")
      return
    }
    let count = patience == 1 ? "1 epoch" : "3 epochs"
    #expect(reason.hasPrefix("loss has not been better than ") && reason.hasSuffix(" for \(count)"))
    #expect(try checkpoints.steps().last == 4 * (1 + patience))
    #expect(try metrics(in: directory).count == 2 * (1 + patience))
  }

  @Test func goesOnWhileItGetsBetter() throws {
    let sample = Sample(train: "{epochs: 4, early_stop: {patience: 1, figure: loss}}")
    #expect(try train(sample, in: directory) == .finished)
    let losses = try losses(of: "validation", in: directory)
    #expect(losses == losses.sorted(by: >), "as the test supposes")
    // The same steps are not good enough where more is asked for.
    let other = try TemporaryDirectory()
    let demanding = Sample(train: "{epochs: 4, early_stop: {patience: 1, min_delta: 1000}}")
    guard case .stoppedEarly = try train(demanding, in: other) else {
      Issue.record("the run did not stop early")
      return
    }
    #expect(try CheckpointDirectory(other.path).steps() == [4, 8])
  }

  @Test func endsWhenTheLossIsLow() throws {
    try train(Sample(train: "{epochs: 4}"), in: directory)
    let losses = try losses(of: "validation", in: directory)
    let limit = (losses[1] + losses[2]) / 2
    let other = try TemporaryDirectory()
    let sample = Sample(train: "{epochs: 4, early_stop: {loss_below: \(limit)}}")
    guard case .stoppedEarly(let reason) = try train(sample, in: other) else {
      Issue.record("the run did not stop early")
      return
    }
    #expect(reason.contains("is below \(limit)"))
    #expect(try CheckpointDirectory(other.path).steps().last == 12)
  }

  /// Patience counts over an interruption, and a run that has ended stays ended until there is
  /// more.
  @Test func stoppedRunRemembersWhy() throws {
    let sample = Self.still("{epochs: 9, checkpoint: {every: 1 step, keep: 99}, early_stop: 2}")
    try train(sample, in: directory)
    #expect(try checkpoints.steps().last == 12)
    for step in [4, 7, 8, 11] {
      let other = try TemporaryDirectory()
      try train(sample, in: other, from: checkpoints.file(ofStep: step))
      let file = CheckpointDirectory(other.path).file(ofStep: 12)
      let areEqual = try bytes(of: file) == bytes(of: checkpoints.file(ofStep: 12))
      #expect(areEqual, "from step \(step)")
    }
    for (patience, isOver) in [(2, true), (3, false)] {
      let longer = Self.still("{epochs: 9, early_stop: \(patience)}")
      try withTrainer(longer.experiment()) { trainer in
        let history = try usingHDF5 {
          try CheckpointLoader(trainer.experiment, communicator: .start())
            .restore(
              trainer.state, from: checkpoints.file(ofStep: 12), computing: trainer.fingerprint)
        }
        let stop = try #require(trainer.experiment.configuration.schedule.earlyStop)
        #expect((stop.reason(history) != nil) == isOver)
      }
    }
  }

  // MARK: The best checkpoint

  @Test(arguments: ["loss", "accuracy"]) func bestIsSpared(_ figure: String) throws {
    let sample = Self.still("{epochs: 5, checkpoint: {keep: 2, best: \(figure)}}")
    try train(sample, in: directory)
    #expect(try checkpoints.steps() == [4, 16, 20])
    #expect(try checkpoints.best() == checkpoints.file(ofStep: 4))
  }

  /// An epoch that is better leaves a checkpoint although none is due.
  @Test func bestIsSaved() throws {
    let sample = Sample(train: "{epochs: 3, checkpoint: {every: 9 epochs, keep: 1, best: loss}}")
    try train(sample, in: directory)
    #expect(try checkpoints.steps() == [12])
    #expect(try checkpoints.best() == checkpoints.file(ofStep: 12))
    let none = try TemporaryDirectory()
    try train(Sample(train: "{epochs: 3, checkpoint: {every: 9 epochs}}"), in: none)
    #expect(try CheckpointDirectory(none.path).steps() == [12])
    #expect(try CheckpointDirectory(none.path).best() == nil)
  }

  /// Early stopping marks the best epoch by its own metric, which may be the first of all.
  @Test(arguments: ["loss", "accuracy"]) func earlyStopKeepsTheBest(_ figure: String) throws {
    let sample = Self.still(
      "{epochs: 9, early_stop: {patience: 3, figure: \(figure)}, checkpoint: {keep: 1}}")
    try train(sample, in: directory)
    #expect(try checkpoints.steps() == [4, 16])
    #expect(try checkpoints.best() == checkpoints.file(ofStep: 4))
  }

  /// What was trained on does not tell which weights are the best; `best` may ask for it.
  @Test func withoutValidationTheLastIsKept() throws {
    for (marking, steps) in [("", [8, 12]), (", best: loss", [4, 8, 12])] {
      let place = try TemporaryDirectory()
      let sample = Sample(
        model: "[flatten, {dense: 10}]", optimizer: "{sgd: 1e-30}",
        train: "{epochs: 9, early_stop: 2, checkpoint: {keep: 2\(marking)}}",
        data: "validation: none")
      try train(sample, in: place)
      #expect(try CheckpointDirectory(place.path).steps() == steps)
      #expect(try (CheckpointDirectory(place.path).best() == nil) == marking.isEmpty)
    }
  }

  /// The file can be that of an older one where a kill came between the two.
  @Test func checkpointsKnowTheBest() throws {
    let sample = Self.still("{epochs: 9, early_stop: 2, checkpoint: {every: 1 step, keep: 99}}")
    try train(sample, in: directory)
    for (step, best) in [(3, nil), (4, 4), (7, 4), (12, 4)] {
      let state = try usingHDF5 {
        try Checkpoint(opening: checkpoints.file(ofStep: step)).state
      }
      #expect((try? state.integer("best_step")) == best)
    }
  }

  @Test func figuresKnowWhatIsBetter() {
    var (loss, accuracy) = (BestMetric("loss"), BestMetric("accuracy"))
    func note(_ value: Double) -> [Bool] {
      let other = Metrics(loss: 0, [(.top(5), 9), (.top(1), -value)])
      return [loss.record(Metrics(loss: value)), accuracy.record(other)]
    }
    for (value, isBetter) in [(3, true), (3, false), (4, false), (2.5, true), (.nan, false)] {
      #expect(note(value) == [isBetter, isBetter])
    }
    #expect(loss.value == 2.5 && loss.epochsSince == 1 && accuracy.value == -2.5)
    let isBetter = loss.record(Metrics(loss: 2.25), minDelta: 0.5)
    #expect(!isBetter && loss.epochsSince == 2)
    #expect(note(.infinity) == [false, false])
  }

  @Test(arguments: [
    (
      "checkpoint: {best: acuracy}",
      "checkpoint.best: 'acuracy' is not a metric of this run (did you mean 'accuracy'?)"
    ),
    (
      "checkpoint: {best: top5}",
      "checkpoint.best: 'top5' is not a metric of this run (known: loss, accuracy)"
    ),
    (
      "early_stop: {patience: 2, figure: mae}",
      "early_stop.figure: 'mae' is not a metric of this run (known: loss, accuracy)"
    ),
    ("early_stop: {figure: loss}", "early_stop: early_stop needs patience, loss_below or both"),
  ])
  func refusesWhatItDoesNotFollow(_ setting: String, _ message: String) {
    let failure = #expect(throws: Failure.self) {
      try Sample(train: "{\(setting)}").experiment()
    }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.hasSuffix("train.\(message)") == true, "\(failure?.message ?? "")")
  }

  // MARK: The clock

  /// The clock is asked twice at the start, then once before each step and after each checkpoint.
  @Test func savesBySeconds() throws {
    try train(
      Sample(train: "{steps: 9, checkpoint: {every: 3 s, keep: 9}}"), in: directory,
      clock: ticking())
    let steps = try checkpoints.steps()
    // What is still being written puts the next one off.
    #expect(steps.first == 3 && steps.last == 9)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 + 3 <= $1 || $1 == 9 }, "\(steps)")
    let never = try TemporaryDirectory()
    try train(Sample(train: "{steps: 9, checkpoint: 3 min}"), in: never, clock: ticking())
    #expect(try CheckpointDirectory(never.path).steps() == [9])
  }

  @Test func endsWhenItsTimeIsUp() throws {
    let sample = Sample(train: "{epochs: 5, max_time: 6 s}")
    #expect(try train(sample, in: directory, clock: ticking()) == .timeIsUp)
    let stopped = try #require(try checkpoints.steps().last)
    #expect(stopped < 20)
    #expect(
      try train(
        Sample(train: "{epochs: 5}"), in: directory, from: checkpoints.file(ofStep: stopped))
        == .finished)
    let whole = try TemporaryDirectory()
    try train(Sample(train: "{epochs: 5, max_time: 2 h}"), in: whole)
    let areEqual =
      try bytes(of: checkpoints.file(ofStep: 20))
      == bytes(of: CheckpointDirectory(whole.path).file(ofStep: 20))
    #expect(areEqual)
  }

  // MARK: Few batches

  @Test func fewBatchesAreLearntByHeart() throws {
    let sample = Sample(
      model: "[flatten, {dense: 32}, relu, {dense: 10}]", optimizer: "{adam: 0.01}",
      train: "{epochs: 30, overfit_batches: 2}")
    let (experiment, plain) = (try sample.experiment(), try Sample().experiment())
    #expect(experiment.sampler.stepsPerEpoch == 2 && experiment.data.training.count == 96)
    #expect(try CompiledExperiment(sample.configuration()).data.training.count == 96)
    #expect(try CompiledExperiment(sample.configuration()).data.validation?.count == 96)
    // They are those that another run begins with, in every epoch.
    var (few, all) = (experiment.sampler, plain.sampler)
    func pixels(_ data: Dataset, _ samples: ArraySlice<Int32>) throws -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: samples.count * data.sampleBytes)
      try unsafe bytes.withUnsafeMutableBytes { try unsafe data.copy(samples: samples, into: $0) }
      return bytes
    }
    for step in 0..<4 {
      let here = try pixels(experiment.data.training, few.batch(atStep: step).samples)
      let there = try pixels(plain.data.training, all.batch(atStep: step % 2).samples)
      let areEqual = here == there
      #expect(areEqual)
    }
    try train(sample, in: directory)
    let last = try losses(of: "validation", in: directory).last
    #expect(try #require(last) < 0.05)
  }

  @Test func noMoreBatchesThanThereAre() throws {
    let experiment = try Sample(train: "{epochs: 1, overfit_batches: 9}").experiment()
    #expect(experiment.data.training.count == 150 && experiment.sampler.stepsPerEpoch == 4)
  }
}
