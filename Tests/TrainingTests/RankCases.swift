import Checkpoints
import Communication
import Datasets
import Diagnostics
import Execution
import Foundation
import Graphs
import Kernels
import Reports
import RunFiles
import TestSupport
import Training
import XCTest

/// Training at any number of ranks: under `mpirun` by `run-ranks.sh`, alone otherwise.
final class RankCases: XCTestCase {
  private var group: Communicator { Group.communicator }
  private var last: Int { group.size - 1 }

  /// Sample i is 1 in place i and 0 elsewhere, so that weight i follows sample i alone.
  private func experiment(
    samples count: Int, target: Float, train: String = "{epochs: 2}"
  ) throws -> Experiment {
    let data = Dataset(
      shape: [count],
      elements: .floats((0..<count * count).map { $0 % (count + 1) == 0 ? 1 : 0 }),
      targets: .values([Float](repeating: target, count: count), shape: [1]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let configuration = try RunConfiguration(
      text: """
        name: ranks
        shards: 8
        data: {dataset: table, samples: [[0]], targets: [[0]], batch: 16, validation: none}
        model: [{dense: {units: 1, bias: false, init: zeros}}]
        loss: mse
        optimizer: {sgd: 0.5}
        train: \(train)
        """, source: "ranks.yaml")
    return try Experiment(
      configuration, data: Splits(training: data, test: data, validation: .none, seed: 1))
  }

  private func withTrainer(_ experiment: Experiment, _ body: (Trainer) throws -> Void) throws {
    let trainer = try Trainer(experiment, communicator: group, workers: 2)
    defer { trainer.pool.stop() }
    try body(trainer)
  }

  // MARK: Samples

  /// The targets tell the ranks apart, and the weights, which all have, whose sample it was.
  func testEverySampleIsLoadedOnceAnEpochByOneRank() throws {
    let count = 37
    let experiment = try experiment(samples: count, target: Float(group.rank + 1))
    let layout = experiment.configuration.layout
    try withTrainer(experiment) { trainer in
      var sampler = experiment.sampler
      var seen = [Int](repeating: 0, count: count)
      for step in 0..<sampler.stepsPerEpoch {
        let batch = sampler.batch(atStep: step)
        let before = (0..<count).map { unsafe trainer.state.weights[$0] }
        _ = try trainer.step(batch)
        for i in 0..<count {
          let change = unsafe trainer.state.weights[i] - before[i]
          guard change != 0 else { continue }
          seen[i] += 1
          let place = try XCTUnwrap(batch.samples.firstIndex(of: Int32(i)))
          let shard = try XCTUnwrap(
            (0..<8).first {
              layout.places(of: $0, in: batch.count).contains(place - batch.samples.startIndex)
            })
          let owner = try XCTUnwrap(
            (0..<group.size).first { (0..<8).part($0, of: group.size).contains(shard) })
          // The gradient of (w - target)^2, averaged over the batch, at w = 0.
          XCTAssertEqual(change, Float(owner + 1) / Float(batch.count), accuracy: 1e-6)
        }
        XCTAssertEqual(seen.reduce(0, +), min(count, 16 * (step + 1)))
      }
      XCTAssertEqual(seen, [Int](repeating: 1, count: count))
    }
  }

  // MARK: Metrics of whole sets

  /// Whoever computes the answers of a sample, and draws samples again: metrics, threshold and
  /// intervals are those of all answers in their order.
  func testWholeSetsAreScoredAlikeOnAnyNumberOfRanks() throws {
    let logits = try Logits(
      203, classes: 2, isWeighted: true,
      train: "{metrics: [f1, auc, pr_auc, log_loss, calibration_error], threshold: f1}")
    let pool = try WorkerPool(count: 2)
    defer { pool.stop() }
    let metrics = logits.experiment.metrics
    let threshold = try XCTUnwrap(ThresholdGoal.f1.threshold(of: logits.answers))
    let state = try ModelState(logits.experiment)
    defer { withExtendedLifetime(state) {} }
    let evaluator = try Evaluator(
      logits.data, of: logits.experiment, state: state,
      communicator: group, pool: pool, threshold: threshold, keepsAnswers: true)
    try evaluator.makeSessions()
    let found = try evaluator.evaluate()
    let wholes = metrics.indices.filter { metrics[$0].needsWholeSet }
    let expected = logits.record(of: metrics)
    XCTAssertEqual(wholes.count, 2)
    for place in wholes {
      XCTAssertEqual(found.value(ofMetric: place), expected.value(ofMetric: place))
    }
    let resampling = Resampling(
      logits.answers, metrics.enumerated().map { ($0.offset, $0.element) }, metrics,
      threshold: threshold, seed: 5)
    let values = (0..<37).map { resampling.values(ofDraw: $0) }
    let intervals = MetricIntervals(
      metrics.indices.map { place in (metrics[place], values.map { $0[place] ?? .nan }) },
      draws: 37)
    XCTAssertEqual(try evaluator.intervals(draws: 37, seed: 5), intervals)

    try withTrainer(logits.experiment) { trainer in
      let validated = try XCTUnwrap(try trainer.validate())
      let own = try XCTUnwrap(trainer.evaluator)
      XCTAssertEqual(own.threshold, threshold)
      XCTAssertEqual(try own.confusion(), try evaluator.confusion())
      for (one, other) in zip(validated.values, found.values) {
        XCTAssertEqual(one.value, other.value, accuracy: 1e-12, one.metric.name)
      }
    }
  }

  // MARK: Faults

  private func expect(
    _ code: ExitCode, _ texts: [String], _ body: () throws -> Void, line: UInt = #line
  ) {
    XCTAssertThrowsError(try body(), line: line) { error in
      let failure = error as? Failure
      XCTAssertEqual(failure?.code, code, line: line)
      XCTAssertTrue(failure.map(group.isKnownToAll) ?? false, "all ranks know of it", line: line)
      for text in texts {
        let message = failure?.message ?? "\(error)"
        XCTAssertTrue(message.contains(text), "\(message) lacks '\(text)'", line: line)
      }
    }
  }

  func testDamagedReplicaIsFoundAndNotSaved() throws {
    guard group.size > 1 else { return }
    try withTrainer(experiment(samples: 24, target: 1)) { trainer in
      var sampler = trainer.experiment.sampler
      _ = try trainer.step(sampler.batch(atStep: 0))
      // Steps between two comparisons do not look.
      trainer.state.step = Trainer.replicaInterval
      let batch = sampler.batch(atStep: trainer.state.step)
      if group.rank == last {
        unsafe trainer.state.changeWeights { weights in
          unsafe weights[5] = Float(bitPattern: weights[5].bitPattern ^ 1)
        }
      }
      let named = [
        "weights of dense1/weight after step \(Trainer.replicaInterval)",
        "rank \(last) on host \(group.host)",
      ]
      let before = StateBits(trainer.state)
      expect(.internalError, named) { _ = try trainer.step(batch) }
      XCTAssertEqual(StateBits(trainer.state), before, "nothing was updated")
      let folder = try TemporaryDirectory()
      expect(.internalError, named) {
        let saver = try CheckpointSaver(
          trainer.experiment, trainer.state, computing: trainer.fingerprint, communicator: group,
          in: group.rank == 0 ? CheckpointDirectory(folder.path) : nil)
        try saver.save(
          RunHistory(of: trainer.experiment), training: Metrics(loss: 1),
          validation: nil)
      }
      XCTAssertEqual(try CheckpointDirectory(folder.path).steps(), [])
    }
  }

  /// The clock is asked when a checkpoint is on its way, so it can do damage between two steps.
  func testDamageInARunNamesTheCheckpointThatIsLeft() throws {
    guard group.size > 1 else { return }
    let interval = Trainer.replicaInterval
    let experiment = try experiment(
      samples: 24, target: 1, train: "{steps: 300, checkpoint: {every: \(interval) steps, keep: 9}}"
    )
    try withTrainer(experiment) { trainer in
      let folder = try TemporaryDirectory()
      let directory = group.rank == 0 ? CheckpointDirectory(folder.path) : nil
      let run = try TrainingRun(
        trainer, communicator: group, checkpoints: directory, log: nil, console: .silent,
        history: RunHistory(of: experiment)
      ) { [rank = group.rank, last] in
        if trainer.state.step == interval, rank == last {
          unsafe trainer.state.changeWeights { unsafe $0[7] += 1 }
        }
        return 0
      }
      let named = ["rank \(last) on host", "dense1/weight after step \(interval)"]
      let kept = group.rank == 0 ? ["is '\(folder.path)/step-000000100.h5'"] : []
      expect(.internalError, named + kept) { _ = try run.run() }
      XCTAssertEqual(
        try CheckpointDirectory(folder.path).steps(), group.rank == 0 ? [interval] : [])
    }
  }

  // MARK: Reports

  /// What rank 0 records of a run of all ranks, and the state that it reaches.
  private func report(of experiment: Experiment) throws -> (record: RunRecord?, state: StateBits) {
    let folder = try TemporaryDirectory()
    let isFirst = group.rank == 0
    let trainer = try Trainer(experiment, communicator: group, workers: 2)
    defer { trainer.pool.stop() }
    if isFirst {
      try "name: ranks\n".write(
        toFile: folder("config.yaml"), atomically: true, encoding: .utf8)
    }
    let reporter = isFirst ? RunReporter(folder.path, of: experiment, after: 0) : nil
    _ = try TrainingRun(
      trainer, communicator: group,
      checkpoints: isFirst ? CheckpointDirectory(folder.path) : nil, log: nil, reporter: reporter,
      console: .silent, history: RunHistory(of: experiment)
    ).run()
    reporter?.finish(
      RunSession.End(time: 0, step: 0, outcome: .finished, message: "", code: 0, next: ""))
    if let failure = reporter?.takeFailure() { throw failure }
    return (isFirst ? try RunRecord(reading: folder.path) : nil, StateBits(trainer.state))
  }

  /// Plain descent by a rate of 1 subtracts the gradient; the ranks have a slice of it each.
  func testNormsOfLayersAreThoseOfAllRanks() throws {
    let sample = Sample(
      model: "[flatten, {dense: 40}, relu, {dense: 10}]", optimizer: "{sgd: 1}",
      train: "{epochs: 1, tensorboard: true}")
    let experiment = try sample.experiment()
    let end = experiment.batches.stepsPerEpoch
    let record = try report(of: experiment).record
    try withTrainer(experiment) { trainer in
      try trainer.train(to: end - 1)
      let before = trainer.state.tensors
      try trainer.train(to: end)
      let after = trainer.state.tensors
      guard let record else { return }
      func norm(_ numbers: [Double]) -> Double {
        numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      let line = try XCTUnwrap(record.layers.last)
      XCTAssertEqual(line.tensors.count, 4)
      for tensor in line.tensors {
        let (old, new) = (before[tensor.name]?.elements ?? [], after[tensor.name]?.elements ?? [])
        XCTAssertEqual(tensor.weights, norm(new), accuracy: 1e-9 * norm(new))
        let change = norm(zip(old, new).map { $0 - $1 })
        XCTAssertEqual(tensor.gradient ?? .nan, change, accuracy: 1e-3 * change, tensor.name)
      }
    }
  }

  /// The greatest losses of all ranks, from the logits themselves.
  func testWorstSamplesAreThoseOfAllRanks() throws {
    let logits = try Logits(203, classes: 5, train: "{epochs: 1}")
    guard let found = try report(of: logits.experiment).record?.findings.validation,
      case .classes(let labels, _, _) = logits.data.targets,
      case .floats(let numbers) = logits.data.elements
    else { return XCTAssertNotEqual(group.rank, 0) }
    let losses = labels.enumerated().map { sample, label in
      let own = numbers[sample * 5..<(sample + 1) * 5].map(Double.init)
      return log(own.reduce(0) { $0 + exp($1) }) - own[Int(label)]
    }
    let greatest = losses.sorted(by: >).prefix(12)
    XCTAssertEqual(found.worst.count, 12)
    for (worst, loss) in zip(found.worst, greatest) {
      XCTAssertEqual(worst.loss, loss, accuracy: 1e-5)
      XCTAssertEqual(losses[worst.index], loss, accuracy: 1e-5)
    }
    XCTAssertEqual(found.confusion?.counts.joined().reduce(0, +), 203)
  }

  func testReportsChangeNoBits() throws {
    let states = try ["report: false", "report: true", "report: true, tensorboard: true"].map {
      try report(of: Sample(train: "{epochs: 2, \($0)}").experiment()).state
    }
    XCTAssertEqual(states[0], states[1])
    XCTAssertEqual(states[0], states[2])
  }

  func testNumbersThatAreNotFiniteOnOneRankStopAll() throws {
    try withTrainer(experiment(samples: 32, target: group.rank == last ? .infinity : 1)) {
      trainer in
      var sampler = trainer.experiment.sampler
      let before = StateBits(trainer.state)
      expect(.notFinite, ["step 1: the gradient of dense1/weight is not finite"]) {
        _ = try trainer.step(sampler.batch(atStep: 0))
      }
      XCTAssertEqual(StateBits(trainer.state), before)
    }
  }
}

/// Hosts that compute differently, in processes of their own: a process has one limit.
///
/// `run-ranks.sh` runs them where the processor has two sets of instructions.
final class NumericsCases: XCTestCase {
  override func setUp() async throws { try Group.onlyFromScript() }

  func testRankWithOtherInstructionsIsNamed() throws {
    let group = Group.communicator
    var sample = Sample(model: "[{conv: {filters: 8, groups: 1}}, {conv: 8}, flatten, {dense: 10}]")
    sample.rules = "isa: \(group.rank == group.size - 1 ? "sse41" : "avx2")"
    let trainer = try Trainer(sample.experiment(), communicator: group, workers: 1)
    defer { trainer.pool.stop() }
    let engine = trainer.experiment.configuration.engine
    XCTAssertThrowsError(try group.compare(trainer.fingerprint, of: engine)) { error in
      let failure = error as? Failure
      XCTAssertEqual(failure?.code, .disagreement)
      XCTAssertTrue(failure.map(group.isKnownToAll) ?? false)
      let message = failure?.message ?? "\(error)"
      for text in [
        "the ranks compute different bits: rank \(group.size - 1) on host \(group.host) "
          + "(\(Processor.name), ",
        "and rank 0 on host \(group.host) (\(Processor.name), ", "first in %", "set isa in",
      ] {
        XCTAssertTrue(message.contains(text), "\(message) lacks '\(text)'")
      }
    }
  }
}
