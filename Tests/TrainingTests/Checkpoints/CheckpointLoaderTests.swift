import Checkpoints
import Communication
import Datasets
import Diagnostics
import Execution
import Graphs
import Reports
import TestSupport
import Testing
import Training

/// In a group of one; tests under mpirun have more.
@Suite struct CheckpointLoaderTests {
  private let directory: TemporaryDirectory
  private let communicator: Communicator

  init() throws {
    directory = try TemporaryDirectory()
    communicator = try Communicator.start()
  }

  private var checkpoints: CheckpointDirectory { CheckpointDirectory(directory.path) }

  /// Saves the state as it is and returns the file.
  private func save(_ trainer: Trainer, _ history: RunHistory? = nil) throws -> String {
    try trainer.save(history ?? trainer.unluckyHistory, in: directory.path)
    return checkpoints.file(ofStep: trainer.state.step)
  }

  private func restore(_ trainer: Trainer, _ file: String) throws -> RunHistory {
    try usingHDF5 {
      try CheckpointLoader(trainer.experiment, communicator: communicator)
        .restore(trainer.state, from: file, computing: trainer.fingerprint)
    }
  }

  /// A checkpoint of the sample after two steps.
  private func savedSample() throws -> String {
    try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 2)
      return try save(trainer)
    }
  }

  /// Four steps make an epoch.
  @Test(
    arguments: ["adam", "{sgd: {momentum: 0.9}}", "{sgd: 0.1}"], [0, 3, 4, 6])
  func runGoesOnWithTheSameBits(_ optimizer: String, _ step: Int) throws {
    let experiment = try Sample(optimizer: optimizer).experiment()
    var history = RunHistory(of: experiment)
    _ = history.endEpoch(Metrics(loss: 1.5), after: 4, minDelta: 0)
    _ = history.endEpoch(Metrics(loss: 1.75), after: 8, minDelta: 0)
    history.totals.samples = experiment.sampler.place(ofStep: step).position
    history.totals.add(0.1 + Double(step), targets: 5 + step, to: Metrics.loss)
    history.totals.add(Double(history.totals.samples / 7), targets: 7, to: 1)
    let (file, saved, end) = try withTrainer(experiment) { trainer in
      try trainer.train(to: step)
      let saved = StateBits(trainer.state)
      let file = try save(trainer, history)
      #expect(StateBits(trainer.state) == saved, "saving changes nothing")
      try trainer.train(to: 9)
      return (file, saved, StateBits(trainer.state))
    }
    try withTrainer(experiment, workers: 3) { trainer in
      #expect(try restore(trainer, file) == history)
      #expect(StateBits(trainer.state) == saved)
      try trainer.train(to: 9)
      #expect(StateBits(trainer.state) == end)
    }
  }

  @Test func fileTellsWhereTheRunStands() throws {
    let sample = Sample(train: "{epochs: 9, checkpoint: 2 steps}")
    try withTrainer(sample.experiment()) { trainer in
      try trainer.train(to: 6)
      let file = try save(trainer)
      try usingHDF5 {
        let checkpoint = try Checkpoint(opening: file)
        #expect(checkpoint.step == 6)
        #expect(try checkpoint.state.integer("epoch") == 1)
        #expect(try checkpoint.state.integer("position") == 96)
        #expect(try checkpoint.state.integer("seed") == 1)
        #expect(try checkpoint.state.integer("shards") == 8)
        #expect(try checkpoint.state.text("engine") == Engine.standard.rawValue)
        let hash = trainer.experiment.data.contentHash.description
        #expect(try checkpoint.state.text("data_hash") == hash)
        #expect(checkpoint.configuration.contains("epochs: 9"))
        #expect(!checkpoint.configuration.contains("checkpoint"))
        #expect(
          try checkpoint.layout(of: .weights).tensors.map(\.name)
            == ["dense1/bias", "dense1/weight", "dense2/bias", "dense2/weight"])
        #expect(try checkpoint.layout(of: .moment("exp_avg")).count == trainer.state.count)
      }
    }
  }

  @Test func equalRunsWriteEqualFiles() throws {
    let files = try (1...2).map { workers in
      try withTrainer(Sample().experiment(), workers: workers) { trainer in
        try trainer.train(to: 3)
        return try bytes(of: save(trainer))
      }
    }
    let areEqual = files[0] == files[1]
    #expect(areEqual)
  }

  @Test func weightsAloneAreEnoughToEvaluate() throws {
    let file = try savedSample()
    let experiment = try Sample().experiment()
    let state = try ModelState(experiment)
    try usingHDF5 {
      try CheckpointLoader(experiment, communicator: communicator)
        .restoreWeights(state, from: Checkpoint(opening: file))
    }
    try withTrainer(experiment) { trainer in
      try trainer.train(to: 2)
      #expect(StateBits(trainer.state).weights == StateBits(state).weights)
      let hasMoments = unsafe state.networks[0].moments.contains { unsafe !$0.values.isEmpty }
      #expect(state.step == 2 && !hasMoments)
    }
  }

  @Test(arguments: [
    (Sample(seed: 2), "seed: 2, was 1"),
    (Sample(shards: 4), "shards: 4, was 8"),
    (Sample(shards: nil), "shards: not set, was 8"),
    (
      Sample(seed: 5, engine: "reference", batch: 40, optimizer: "{adam: {beta1: 0.8}}"),
      "seed: 5, was 1; engine: reference, was \(Engine.standard.rawValue); data.batch: 40, was 48; "
        + "optimizer.adam.beta1: 0.8, was 0.9"
    ),
    (
      Sample(model: "[flatten, {dense: 24}, tanh, {dropout: 0.3}, {dense: 10}]"),
      "model.2: tanh, was relu"
    ),
  ])
  func otherSettingsAreRefused(_ sample: Sample, _ differences: String) throws {
    let file = try savedSample()
    try withTrainer(sample.experiment()) { trainer in
      let before = StateBits(trainer.state)
      #expect(
        throws: Failure(
          .badConfiguration,
          "the run of '\(file)' cannot be resumed with other settings: \(differences); "
            + "undo the change, or start another run with --fresh or --run DIR")
      ) { try restore(trainer, file) }
      #expect(StateBits(trainer.state) == before)
    }
  }

  @Test func lengthAndCheckpointsMayChange() throws {
    let file = try savedSample()
    try withTrainer(Sample(train: "{epochs: 2, checkpoint: 9 steps}").experiment()) { trainer in
      _ = try restore(trainer, file)
      #expect(trainer.state.step == 2)
    }
  }

  @Test func otherDataAreRefused() throws {
    let file = try savedSample()
    let whole = try Sample().experiment()
    let training = whole.data.training.selecting(Array((0..<150).reversed()))
    let other = try Experiment(
      whole.configuration,
      data: Splits(training: training, test: whole.data.test, validation: .test, seed: 1))
    try withTrainer(other) { trainer in
      let before = StateBits(trainer.state)
      #expect(
        throws: Failure(
          .badData,
          "'\(file)' was trained on other data: hash \(whole.data.contentHash) there, "
            + "\(other.data.contentHash) here")
      ) { try restore(trainer, file) }
      #expect(StateBits(trainer.state) == before)
    }
  }

  @Test func weightsThatAreNotFiniteAreNotSaved() throws {
    try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 1)
      unsafe trainer.state.changeWeights { unsafe $0[24 * 784] = .nan }
      #expect(
        throws: Failure(
          .notFinite, "step 1: 'dense1/bias' is not finite, no checkpoint is written")
      ) { try save(trainer) }
      #expect(try checkpoints.steps().isEmpty)
    }
  }
}
