import Checkpoints
import Communication
import Datasets
import Diagnostics
import Graphs
import Networks
import TestSupport
import Testing
import Training

/// Optimisers, schedules, clipping, penalties and averages, as a run applies them.
@Suite struct UpdateRuleTests {
  static let normed = """
    [{conv: 4}, batchnorm, relu, {maxpool: 2}, flatten, {dense: 24}, batchnorm, relu, {dense: 10}]
    """

  static let samples = [
    Sample(
      optimizer: "{sgd: {learning_rate: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.001}}",
      rules: "schedule: {step: {every: 1 epoch, factor: 0.5, warmup: 2 steps}}"),
    Sample(
      samples: 144, model: normed, optimizer: "{adamw: {amsgrad: true}}",
      rules: "schedule: {cosine: {warmup: 1 epoch, over: 5 epochs}}\nclip: {norm: 0.5}"),
    Sample(
      samples: 144, model: normed, optimizer: "{rmsprop: 0.002}",
      rules: "schedule: {exponential: 0.9}\nclip: {value: 0.01}\npenalty: {l1: 0.0001, l2: 0.001}"),
    Sample(
      optimizer: "adagrad",
      rules: "schedule: {linear: {over: 9 steps}}\nclip: {norm: 1}\npenalty: {l2: 0.01}"),
  ]

  private let communicator: Communicator

  init() throws { communicator = try Communicator.start() }

  /// The state after so many steps.
  private func end(_ sample: Sample, steps: Int = 3) throws -> StateBits {
    try withTrainer(sample.experiment()) { trainer in
      try trainer.train(to: steps)
      return StateBits(trainer.state)
    }
  }

  /// Saves a trainer whose run has got everything wrong so far.
  private func save(_ trainer: Trainer, in directory: TemporaryDirectory) throws {
    try trainer.save(trainer.unluckyHistory, in: directory.path)
  }

  /// All that is done to a slice after the reduction.
  private func weightUpdate(
    _ experiment: Experiment, _ state: ModelState, _ control: StepExchange, _ trainer: Trainer
  ) -> WeightUpdate {
    WeightUpdate(
      experiment.parameterGroups[0], of: experiment.configuration, state, control, on: trainer.pool)
  }

  private func apply(_ update: WeightUpdate, _ gradient: [Float], norm: Double) {
    var gradient = gradient
    unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      unsafe update.penalise(start)
      unsafe update.apply(start, norm: norm)
    }
  }

  @Test(arguments: samples) func workersDoNotChangeBits(_ sample: Sample) throws {
    let experiment = try sample.experiment()
    let ends = try (1...4).map { workers in
      try withTrainer(experiment, workers: workers) { trainer in
        var sampler = experiment.sampler
        let reports = try (0..<7).map { try trainer.step(sampler.batch(atStep: $0)) }
        return (StateBits(trainer.state), reports.map { [$0.loss, $0.gradientNorm] })
      }
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test(arguments: samples, [1, 3, 4]) func resumedRunEndsInTheSameBits(
    _ sample: Sample, _ step: Int
  ) throws {
    let directory = try TemporaryDirectory()
    let experiment = try sample.experiment()
    let checkpointing = CheckpointLoader(experiment, communicator: communicator)
    let whole = try withTrainer(experiment) { trainer in
      try trainer.train(to: step)
      try save(trainer, in: directory)
      try trainer.train(to: 8)
      return StateBits(trainer.state)
    }
    try withTrainer(experiment, workers: 3) { trainer in
      let file = CheckpointDirectory(directory.path).file(ofStep: step)
      _ = try usingHDF5 {
        try checkpointing.restore(trainer.state, from: file, computing: trainer.fingerprint)
      }
      try trainer.train(to: 8)
      #expect(StateBits(trainer.state) == whole)
    }
  }

  /// As the ranks of a group would update their slices.
  @Test(arguments: samples, [2, 3, 4, 7]) func slicesGiveTheBitsOfTheWhole(
    _ sample: Sample, _ ranks: Int
  ) throws {
    let experiment = try sample.experiment()
    try withTrainer(experiment) { trainer in
      let count = trainer.state.count
      let slices = VectorPartition.ranges(elements: count, ranks: ranks)
      let (whole, parts) = try (
        ModelState(experiment, slices: [0..<count]),
        slices.map { try ModelState(experiment, slices: [$0]) }
      )
      let control = StepExchange(
        communicator, reduction: try communicator.prepareReduction(elements: count, shards: 8),
        shards: 8, trained: whole.networks[0].trainedCount, isPenalised: true)
      let update = weightUpdate(experiment, whole, control, trainer)
      let updates = parts.map { weightUpdate(experiment, $0, control, trainer) }
      var random = XorShift(seed: 5)
      for _ in 0..<3 {
        let gradient = (0..<count).map { _ in Float(random.number(in: -1...1)) }
        for update in [update] + updates {
          apply(update, gradient, norm: 3)
        }
        for state in [whole] + parts { state.step += 1 }
      }
      let bits = StateBits(whole)
      for (slice, part) in zip(slices, parts.map { StateBits($0) }) {
        #expect(part.weights[slice] == bits.weights[slice])
        for (moment, all) in zip(part.moments, bits.moments) {
          #expect(moment[...] == all[slice.clamped(to: 0..<whole.networks[0].trainedCount)])
        }
      }
    }
  }

  @Test func averagesOnlyMoveByTheirShare() throws {
    let experiment = try UpdateRuleTests.samples[1].experiment()
    try withTrainer(experiment) { trainer in
      let state = trainer.state
      let control = StepExchange(
        communicator,
        reduction: try communicator.prepareReduction(elements: state.count, shards: 8), shards: 8,
        trained: state.networks[0].trainedCount, isPenalised: false)
      let update = weightUpdate(experiment, state, control, trainer)
      let before = (0..<state.count).map { unsafe state.weights[$0] }
      apply(update, [Float](repeating: 5, count: state.count), norm: 1000)
      let averages = state.parameters.filter { $0.name.contains("running") }
      #expect(averages.map(\.range).map(\.count) == [4, 4, 24, 24])
      let places = averages.flatMap(\.range)
      let after = places.map { unsafe state.weights[$0] }
      #expect(after == places.map { 0.9 * before[$0] + 0.1 * 5 })
      #expect(places == Array(state.networks[0].trainedCount..<state.count))
      #expect(
        StateBits(state).moments.map(\.count)
          == [Int](repeating: state.networks[0].trainedCount, count: 3))
    }
  }

  @Test func averagesAreNoPartOfTheNorm() throws {
    let control = StepExchange(
      communicator, reduction: try communicator.prepareReduction(elements: 9000, shards: 1),
      shards: 1, trained: 5000, isPenalised: true)
    var gradient = [Float](repeating: 1, count: 9000)
    for chunk in 0..<3 { control.record(penalty: Double(chunk + 1), chunk: chunk) }
    func exchange() throws -> StepReport {
      try unsafe gradient.withUnsafeBufferPointer { gradient in
        try unsafe control.record(gradient: #require(gradient.baseAddress))
        return try control.exchange(step: 0, shards: 0)
      }
    }
    let sums = try exchange()
    #expect(
      sums.gradientNorm == Double(5000).squareRoot() && sums.loss == 6 && sums.firstNotFinite == nil
    )
    gradient[8999] = .infinity
    #expect(try exchange().firstNotFinite == 8999)
  }

  // MARK: Decay and penalties

  @Test(arguments: [
    ("{sgd: {learning_rate: 0.1, weight_decay: 0.5}}", ""), ("{sgd: 0.1}", "penalty: {l1: 0.5}"),
    ("{adamw: {weight_decay: 0.5}}", ""), ("{sgd: 0.1}", "penalty: {l2: 0.5}"),
  ])
  func biasesAndNormsAreSpared(_ optimizer: String, _ rules: String) throws {
    let plain = Sample(
      samples: 144, model: UpdateRuleTests.normed,
      optimizer: optimizer.contains("adamw") ? "adam" : "{sgd: 0.1}")
    var decaying = plain
    decaying.optimizer = optimizer
    decaying.rules = rules
    try withTrainer(plain.experiment()) { plain in
      try withTrainer(decaying.experiment()) { decaying in
        try plain.train(to: 1)
        try decaying.train(to: 1)
        for parameter in plain.state.parameters {
          let isSame = parameter.range.allSatisfy {
            unsafe plain.state.weights[$0] == decaying.state.weights[$0]
          }
          let isSpared = !["conv1/weight", "dense1/weight", "dense2/weight"].contains(
            parameter.name)
          #expect(isSame == isSpared, "\(parameter.name)")
        }
      }
    }
  }

  /// Half of λ Σw² has the derivative λ w, which is what weight decay adds.
  @Test func squaredPenaltyIsCoupledDecay() throws {
    let decay = Sample(optimizer: "{sgd: {learning_rate: 0.1, momentum: 0.9, weight_decay: 0.25}}")
    var penalty = Sample(optimizer: "{sgd: {learning_rate: 0.1, momentum: 0.9}}")
    penalty.rules = "penalty: {l2: 0.25}"
    #expect(try end(decay) == end(penalty))
  }

  @Test func reportedLossAndNormIncludeThePenalty() throws {
    let plain = Sample()
    var penalised = plain
    penalised.rules = "penalty: {l1: 0.01, l2: 0.5}"
    let reports = try [plain, penalised].map { sample in
      try withTrainer(sample.experiment()) { trainer in
        var sampler = trainer.experiment.sampler
        var cost = 0.0
        for parameter in trainer.state.parameters where parameter.name.hasSuffix("/weight") {
          for element in parameter.range {
            let weight = unsafe Double(trainer.state.weights[element])
            cost += 0.01 * weight.magnitude + 0.25 * weight * weight
          }
        }
        return (try trainer.step(sampler.batch(atStep: 0)), cost)
      }
    }
    #expect(isClose(reports[1].0.loss, reports[0].0.loss + reports[0].1, relative: 1e-12))
    #expect(reports[1].0.gradientNorm != reports[0].0.gradientNorm)
  }

  // MARK: Clipping

  @Test func clippedStepHasTheLengthOfTheLimit() throws {
    let sample = Sample(optimizer: "{sgd: 1}", rules: "clip: {norm: 0.001}")
    try withTrainer(sample.experiment()) { trainer in
      let before = (0..<trainer.state.count).map { unsafe Double(trainer.state.weights[$0]) }
      var sampler = trainer.experiment.sampler
      let norm = try trainer.step(sampler.batch(atStep: 0)).gradientNorm
      let squares = before.indices.reduce(0.0) { sum, i in
        let change = unsafe Double(trainer.state.weights[i]) - before[i]
        return sum + change * change
      }
      #expect(norm > 0.1, "the norm is that before clipping")
      #expect(isClose(squares.squareRoot(), 0.001 * norm / (norm + 1e-6), relative: 1e-3))
    }
  }

  @Test func bothClipsInOneStep() throws {
    let sample = Sample(optimizer: "{sgd: 1}", rules: "clip: {norm: 0.5, value: 0.01}")
    let only = Sample(optimizer: "{sgd: 1}", rules: "clip: 0.5")
    let (both, norm) = (try end(sample, steps: 1), try end(only, steps: 1))
    #expect(try norm == end(Sample(optimizer: "{sgd: 1}", rules: "clip: {norm: 0.5}"), steps: 1))
    #expect(both != norm)
    #expect(try both != end(Sample(optimizer: "{sgd: 1}", rules: "clip: {value: 0.01}"), steps: 1))
  }

  @Test(arguments: ["clip: {norm: 1e9}", "clip: {value: 1e9}", "clip: {norm: 1e9, value: 1e9}"])
  func boundsThatAreNotReachedChangeNothing(_ rules: String) throws {
    #expect(try end(Sample(rules: rules)) == end(Sample()))
  }

  // MARK: Schedules

  @Test func rateIsThatOfTheStep() throws {
    let slow = Sample(optimizer: "{sgd: 0.025}")
    let warming = Sample(
      optimizer: "{sgd: 0.1}", rules: "schedule: {constant: {warmup: 4 steps}}")
    #expect(try end(slow, steps: 1) == end(warming, steps: 1))
    #expect(try end(slow, steps: 2) != end(warming, steps: 2))
  }

  /// The checkpoint of a run of 12 steps whose rate falls over all of them.
  private func savedRun(in directory: TemporaryDirectory, _ rules: String) throws -> String {
    let sample = Sample(rules: rules, train: "{epochs: 3}")
    try withTrainer(sample.experiment()) { trainer in
      try trainer.train(to: 2)
      try save(trainer, in: directory)
    }
    return CheckpointDirectory(directory.path).file(ofStep: 2)
  }

  private func resume(_ file: String, _ rules: String, _ train: String) throws {
    try withTrainer(Sample(rules: rules, train: train).experiment()) { trainer in
      _ = try usingHDF5 {
        try CheckpointLoader(trainer.experiment, communicator: communicator)
          .restore(trainer.state, from: file, computing: trainer.fingerprint)
      }
    }
  }

  @Test func lengthThatTheScheduleFollowsMayNotChange() throws {
    let directory = try TemporaryDirectory()
    let file = try savedRun(in: directory, "schedule: cosine")
    let failure = #expect(throws: Failure.self) {
      try resume(file, "schedule: cosine", "{epochs: 4}")
    }
    #expect(failure?.code == .badConfiguration)
    #expect(
      failure?.message.hasSuffix(
        "schedule.cosine.over: the learning rate of '\(file)' falls over 12 steps, here it would "
          + "fall over 16; to keep its fall and change only the length, set over: 3 epochs")
        == true,
      "\(failure?.message ?? "")")
    try resume(file, "schedule: cosine", "{steps: 12}")
    try resume(file, "schedule: {cosine: {over: 3 epochs}}", "{epochs: 4}")
    try resume(file, "schedule: {cosine: {over: 12 steps}}", "{steps: 9}")
    #expect(throws: Failure.self) {
      try resume(file, "schedule: {cosine: {over: 11 steps}}", "{epochs: 3}")
    }
    #expect(throws: Failure.self) { try resume(file, "schedule: linear", "{epochs: 3}") }
  }

  @Test func lengthMayChangeUnderOtherSchedules() throws {
    for rules in ["schedule: {exponential: 0.9}", "schedule: {linear: {over: 7 steps}}"] {
      let directory = try TemporaryDirectory()
      try resume(savedRun(in: directory, rules), rules, "{epochs: 5}")
    }
  }
}
