import Checkpoints
import Communication
import Datasets
import Diagnostics
import Execution
import Graphs
import Networks
import Reports
import TestSupport
import Testing
import Training

/// Truncated backpropagation: states go from batch to batch.
@Suite struct CarryTests {
  /// A text of 12 symbols, cut into samples of a length; each symbol is the label of the one before.
  private func text(_ samples: Int, of length: Int) -> Dataset {
    var random = XorShift(seed: 5)
    var text: [Int32] = [0]
    for _ in 0..<samples * length {
      text.append((text[text.count - 1] * 5 + Int32(random.number(in: 0...1) * 2.99) + 1) % 12)
    }
    return Dataset(
      shape: [length], elements: .integers(Array(text.dropLast())),
      targets: .classes(
        Array(text.dropFirst()), names: (0..<12).map(String.init), shape: [length]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
  }

  private func experiment(
    _ samples: Int = 50, of length: Int = 4, batch: Int = 12, shards: Int = 4,
    engine: Engine = .standard, carry: Bool = true, optimizer: String = "adam",
    train: String = "{steps: 9}", dropout: Double = 0.2
  ) throws -> Experiment {
    let configuration = try RunConfiguration(
      text: """
        name: carry
        engine: \(engine.rawValue)
        shards: \(shards)
        data: {dataset: tokens, batch: \(batch), order: streams}
        model:
          - embedding: {entries: 12, size: 5}
          - lstm: {units: 6, layers: 2, dropout: \(dropout), carry: \(carry)}
          - gru: {units: 7, initial_state: learned, carry: \(carry)}
          - dense: 12
        loss: cross_entropy
        optimizer: \(optimizer)
        train: \(train)
        """, source: "carry.yaml")
    let data = text(samples, of: length)
    return try Experiment(
      configuration,
      data: Splits(
        training: data, test: text(samples / 2, of: length), validation: .test, seed: 1))
  }

  private func losses(_ experiment: Experiment, steps: Int, workers: Int = 2) throws -> [Double] {
    try withTrainer(experiment, workers: workers) { trainer in
      var sampler = experiment.sampler
      return try (0..<steps).map { try trainer.step(sampler.batch(atStep: $0)).loss }
    }
  }

  /// With weights that stay as they are, an epoch of short batches has the loss of long ones, of
  /// which each sample is all that a position of the batch reads; the next epoch begins anew.
  @Test(arguments: Engine.allCases)
  func batchesGoOnWhereTheLastOnesEnded(_ engine: Engine) throws {
    let still = "{sgd: {learning_rate: 1.0e-30}}"
    let long = try losses(
      experiment(
        12, of: 16, engine: engine, carry: false, optimizer: still, dropout: 0), steps: 1)[0]
    let short = try losses(
      experiment(48, of: 4, engine: engine, optimizer: still, dropout: 0), steps: 8)
    #expect(isClose(short[..<4].reduce(0, +) / 4, long, relative: 1e-6))
    #expect(short[4...].elementsEqual(short[..<4]))
    // Without the states it is another loss.
    let apart = try losses(
      experiment(48, of: 4, engine: engine, carry: false, optimizer: still, dropout: 0), steps: 4)
    #expect(isClose(apart[0], short[0], relative: 1e-6))
    #expect(!isClose(apart.reduce(0, +) / 4, long, relative: 1e-4))
  }

  @Test(arguments: Engine.allCases.filter { $0 != .reference })
  func workersDoNotChangeBits(_ engine: Engine) throws {
    let ends = try [1, 2, 3, 4].map { workers in
      try withTrainer(experiment(engine: engine), workers: workers) { trainer in
        try trainer.train(to: 9)
        let carried = try #require(trainer.state.carried)
        let validation = try trainer.validate()
        return (
          StateBits(trainer.state), unsafe carried.values.map(\.bitPattern), validation
        )
      }
    }
    for end in ends {
      #expect(end.0 == ends[0].0)
      #expect(end.1 == ends[0].1)
      #expect(end.2 == ends[0].2)
    }
    #expect(Set(ends[0].1).count > 100)
  }

  /// Wherever a run is interrupted, its later checkpoints have the same bytes.
  @Test func interruptedRunsLeaveTheSameFiles() throws {
    let experiment = try experiment(train: "{steps: 9, checkpoint: {every: 1 step, keep: 99}}")
    #expect(experiment.sampler.stepsPerEpoch == 4)
    let whole = try TemporaryDirectory()
    try train(experiment, in: whole)
    let directory = CheckpointDirectory(whole.path)
    for step in [1, 3, 4, 5, 8] {
      let resumed = try TemporaryDirectory()
      try train(experiment, in: resumed, from: directory.file(ofStep: step), workers: 3)
      let others = CheckpointDirectory(resumed.path)
      for later in Set([step + 1, 9]) {
        let areEqual =
          try bytes(of: others.file(ofStep: later)) == bytes(of: directory.file(ofStep: later))
        #expect(areEqual, "step \(later) from step \(step)")
      }
    }
  }

  /// The validation set is as few stretches as keep every state, read from beginning to end.
  @Test(arguments: [(1, 1), (31, 1), (40, 2), (330, 20), (2000, 64), (2013, 64)])
  func evaluationShards(_ count: Int, _ stretches: Int) {
    let shards = EvaluationShards(of: count, carriesStates: true)
    #expect(shards.order.sorted() == Array(0..<Int32(count)))
    #expect(shards.lanes.map(\.count).reduce(0, +) == shards.places.count)
    var starts = 0
    for lane in shards.lanes {
      for shard in lane {
        #expect(shards.isFirst(shard) == (shard == lane.lowerBound))
        let samples = shards.order[shards.places[shard]]
        guard !shards.isFirst(shard) else {
          starts += samples.count
          continue
        }
        let before = shards.order[shards.places[shard - 1]]
        #expect(zip(samples, before).allSatisfy { $0 == $1 + 1 })
      }
    }
    #expect(starts == stretches)
    let plain = EvaluationShards(of: count, carriesStates: false)
    #expect(plain.order == Array(0..<Int32(count)) && plain.lanes.count == plain.places.count)
  }

  /// Few samples are one stretch: the loss is that of one long sample.
  @Test func validationCarriesTheState() throws {
    let loss = try [(20, 4, true), (1, 80, false), (20, 4, false)].map { samples, length, carry in
      let experiment = try experiment(12, of: length, carry: carry)
      let data = text(samples, of: length)
      let state = try ModelState(experiment)
      let pool = try WorkerPool(count: 2)
      defer { pool.stop() }
      let evaluator = try Evaluator(
        data, of: experiment, state: state, communicator: .start(), pool: pool)
      try evaluator.makeSessions()
      return try evaluator.evaluate().loss
    }
    #expect(isClose(loss[0], loss[1], relative: 1e-6))
    #expect(!isClose(loss[2], loss[1], relative: 1e-4))
  }

  @Test func shuffledOrderIsRefused() throws {
    let error = #expect(throws: Failure.self) {
      try RunConfiguration(
        text: """
          name: carry
          data: {dataset: tokens, train_samples: 64, test_samples: 8, batch: 8}
          model: [{embedding: {entries: 65, size: 4}}, {lstm: {units: 4, carry: true}}, {dense: 65}]
          loss: cross_entropy
          optimizer: sgd
          """, source: "carry.yaml"
      ).compiled()
    }
    #expect(error?.code == .badConfiguration)
    #expect(error?.message.contains("set order: streams") == true)
  }

  /// One step after the other gives the scores of the whole sequence.
  @Test(arguments: Engine.allCases)
  func stepsAreTheSequence(_ engine: Engine) throws {
    let experiment = try experiment(12, of: 8, engine: engine)
    let state = try ModelState(experiment)
    let network = experiment.network
    let coding = experiment.data.training.coding
    let runner = try unsafe StepRunner(network, experiment.configuration, coding, sequences: 3) {
      unsafe _ = $0.update(
        fromContentsOf: UnsafeBufferPointer(start: state.weights, count: state.count))
    }
    let data = text(3, of: 8)
    guard case .integers(let tokens) = data.elements else { return }
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = Tensor(
        parameter.shape, state.tensors[parameter.name]?.elements ?? [])
    }
    let whole = try #require(
      ReferenceEvaluator(
        network.forwardProgram(samples: 3, input: experiment.compiled.input)
      ).evaluate(
        inputs: ["samples": Tensor([3, 8], tokens.map(Double.init))], parameters: parameters
      )["outputs"]
    ).elements
    #expect(runner.width == 12)
    for _ in 0..<2 {
      for step in 0..<8 {
        let scores = unsafe runner.step((0..<3).map { tokens[8 * $0 + step] })
        for sequence in 0..<3 {
          for place in 0..<12 {
            let found = unsafe Double(scores[12 * sequence + place])
            #expect(
              isClose(
                found, whole[(8 * sequence + step) * 12 + place], relative: 1e-5, absolute: 1e-5))
          }
        }
      }
      runner.restart()
    }
  }
}

extension RunConfiguration {
  fileprivate func compiled() throws -> CompiledExperiment { try CompiledExperiment(self) }
}
