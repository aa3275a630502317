import Checkpoints
import Datasets
import Diagnostics
import Foundation
import GradientChecks
import Graphs
import Randomness
import Reports
import TestSupport
import Testing
import Training

/// Two networks against each other, as a run trains them.
@Suite struct AdversarialRunTests {
  /// The text of a configuration on points.
  static func text(
    _ dataset: String = "gaussians8", samples: Int = 200, batch: Int = 40, shards: Int = 4,
    rules: String = "{loss: wasserstein_gp, penalty: 0.1, critic_steps: 3, noise: 2}",
    units: Int = 16, last: Int = 2, optimizer: String = "{adam: {beta1: 0.5, beta2: 0.9}}",
    train: String = "{steps: 10}", more: String = ""
  ) -> String {
    """
    name: game
    shards: \(shards)
    data: {dataset: \(dataset), train_samples: \(samples), batch: \(batch), normalise: false}
    generator: [{dense: \(units)}, relu, {dropout: 0.1}, {dense: \(last)}]
    critic: [{dense: \(units)}, {leaky_relu: 0.2}, {dropout: 0.1}, {dense: 1}]
    adversarial: \(rules)
    optimizer: \(optimizer)
    train: \(train)
    \(more)
    """
  }

  private static func experiment(_ text: String) throws -> Experiment {
    try Experiment(RunConfiguration(text: text, source: "game.yaml"))
  }

  /// Runs in a directory to the end, from a checkpoint if one is given.
  @discardableResult
  private func run(
    _ text: String, in directory: TemporaryDirectory, from checkpoint: String? = nil,
    workers: Int = 2
  ) throws -> TrainingRun.Outcome {
    try train(Self.experiment(text), in: directory, from: checkpoint, workers: workers)
  }

  // MARK: Turns

  @Test func turnsGoRound() {
    let cycle = Cycle([3, 1])
    #expect((0..<9).map { cycle.turn(ofStep: $0) } == [0, 0, 0, 1, 0, 0, 0, 1, 0])
    for network in [0, 1] {
      for steps in 0..<20 {
        let count = (0..<steps).count { cycle.turn(ofStep: $0) == network }
        #expect(cycle.updates(of: network, after: steps) == count)
      }
    }
  }

  /// The critic sees each sample once in a pass; an epoch is as many whole cycles as that takes.
  @Test(arguments: [(103, 20, 3), (103, 20, 1), (40, 20, 5), (400, 20, 4)])
  func epochsAreWholeCycles(_ count: Int, _ batch: Int, _ critic: Int) {
    let sampler = Sampler(count: count, batch: batch, order: .shuffled(seed: 3))
    var batches = BatchSchedule(sampler, Cycle([critic, 1]))
    let passes = (sampler.stepsPerEpoch + critic - 1) / critic
    #expect(batches.stepsPerEpoch == passes * (critic + 1))
    var (seen, all) = ([Int32](), [Int32]())
    for step in 0..<3 * batches.stepsPerEpoch {
      if step % batches.stepsPerEpoch == 0 { seen = [] }
      #expect(batches.place(ofStep: step).position == seen.count)
      #expect(batches.place(ofStep: step).epoch == step / batches.stepsPerEpoch)
      guard batches.cycle.turn(ofStep: step) == 0 else { continue }
      seen += batches.batch(atStep: step).samples
      all += batches.batch(atStep: step).samples
    }
    #expect(Set(all[..<count]).count == count)
  }

  /// A supervised run is a cycle of one network.
  @Test func oneNetworkIsACycle() {
    let sampler = Sampler(count: 103, batch: 20, order: .shuffled(seed: 3))
    var (batches, plain) = (BatchSchedule(sampler, Cycle([1])), sampler)
    #expect(batches.stepsPerEpoch == sampler.stepsPerEpoch)
    for step in 0..<20 {
      #expect(batches.batch(atStep: step) == plain.batch(atStep: step))
      #expect(batches.place(ofStep: step) == plain.place(ofStep: step))
    }
  }

  // MARK: The same bits

  @Test func workersChangeNothing() throws {
    let experiment = try Self.experiment(Self.text())
    let ends = try (1...4).map { workers in
      try withTrainer(experiment, workers: workers) { trainer in
        try trainer.play(to: 10)
        return StateBits(trainer.state)
      }
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  /// Stops after each step of a cycle and of an epoch, goes on with other workers, and ends in the
  /// very bytes of a run that did not stop.
  @Test(arguments: 1...9) func resumedInsideACycle(_ step: Int) throws {
    let (whole, broken) = (try TemporaryDirectory(), try TemporaryDirectory())
    let text = Self.text(train: "{steps: 12, checkpoint: {every: 1 steps, keep: 20}}")
    try run(text, in: whole)
    try run(text.replacing("steps: 12,", with: "steps: \(step),"), in: broken)
    let directory = CheckpointDirectory(broken.path)
    try run(text, in: broken, from: directory.file(ofStep: step), workers: 3)
    for file in [whole, broken].map({ CheckpointDirectory($0.path).file(ofStep: 12) }) {
      #expect(FileManager.default.fileExists(atPath: file))
    }
    let files = [whole, broken].map { CheckpointDirectory($0.path).file(ofStep: 12) }
    #expect(
      try Data(contentsOf: URL(filePath: files[0])) == Data(contentsOf: URL(filePath: files[1])))
    #expect(try metrics(in: whole).last == metrics(in: broken).last)
  }

  /// Both networks, the moments of both, and how far each is.
  @Test func checkpointsHoldBoth() throws {
    let directory = try TemporaryDirectory()
    try run(
      Self.text(
        optimizer: "{generator: {rmsprop: 0.001}, critic: adam}", train: "{steps: 7}"),
      in: directory)
    try usingHDF5 {
      let checkpoint = try Checkpoint(
        opening: CheckpointDirectory(directory.path).file(ofStep: 7))
      let names = try checkpoint.layout(of: .weights).tensors.map(\.name)
      #expect(names.contains("generator/dense2/bias") && names.contains("critic/dense1/weight"))
      #expect(try checkpoint.state.integer("critic_steps") == 6)
      #expect(try checkpoint.state.integer("generator_steps") == 1)
      let first = try checkpoint.layout(of: .moment("exp_avg")).tensors.map(\.name)
      #expect(first.allSatisfy { $0.hasPrefix("critic/") } && first.count == 4)
      let square = try checkpoint.layout(of: .moment("square_avg")).tensors.map(\.name)
      #expect(square.allSatisfy { $0.hasPrefix("generator/") } && square.count == 4)
    }
  }

  // MARK: What a step does

  @Test func onlyTheNetworkWhoseTurnItIsChanges() throws {
    let experiment = try Self.experiment(Self.text())
    try withTrainer(experiment) { trainer in
      var batches = experiment.batches
      for step in 0..<8 {
        let before = trainer.state.tensors
        let report = try trainer.step(batches.batch(atStep: step))
        let turn = step % 4 < 3 ? "critic" : "generator"
        #expect(report.network == (turn == "critic" ? 0 : 1))
        // The generator's loss has targets of its own, and its steps see no samples of the data.
        let counts = [report.metrics.samples, Int(report.metrics.targets(of: .generatorLoss))]
        #expect(counts == (turn == "critic" ? [40, 0] : [0, 40]))
        for (name, tensor) in trainer.state.tensors where name.hasSuffix("weight") {
          #expect((tensor != before[name]) == name.hasPrefix(turn), "\(name) in step \(step)")
        }
      }
    }
  }

  @Test func clippedWeightsStayWithin() throws {
    let experiment = try Self.experiment(
      Self.text(rules: "{loss: wasserstein_clip, weight_clip: 0.02, critic_steps: 2}"))
    try withTrainer(experiment) { trainer in
      try trainer.play(to: 2)
      for (name, tensor) in trainer.state.tensors where name.hasPrefix("critic/") {
        #expect(tensor.elements.allSatisfy { abs($0) <= Double(Float(0.02)) }, "\(name)")
      }
      let generator = try #require(trainer.state.tensors["generator/dense1/weight"])
      #expect(generator.elements.contains { abs($0) > 0.02 })
    }
  }

  @Test(arguments: ["wasserstein_gp", "wasserstein_clip", "minimax", "non_saturating", "hinge"])
  func gradientsAreThoseOfTheLosses(_ loss: String) throws {
    let noise = loss == "minimax" ? ", label_noise: 0.2" : ""
    let experiment = try Self.experiment(
      Self.text(rules: "{loss: \(loss), noise: {size: 3, kind: uniform}\(noise)}"))
    let check = try GradientChecker.check(experiment, everyElement: true, workers: 2)
    #expect(check.verdict == .right, "\(check.table)")
    #expect(check.rows.count == 8)
  }

  @Test func convolutionsAndNormsHaveGradientsOfGradients() throws {
    let experiment = try Self.experiment(
      """
      name: game
      data: {dataset: digits, train_samples: 40, batch: 8, normalise: symmetric}
      generator: [{dense: 98}, {reshape: [7, 7, 2]}, batchnorm, relu, {conv_transpose: {filters: 2,
        kernel: 4, stride: 2, padding: 1}}, relu, {upsample: 2}, {conv: 1}, tanh]
      critic: [{conv: {filters: 2, stride: 2}}, {leaky_relu: 0.2}, {conv: {filters: 3, stride: 2}},
        layernorm, {leaky_relu: 0.2}, {residual: [{conv: 3}, swish]}, {avgpool: 7}, flatten, {dense: 1}]
      adversarial: {loss: wasserstein_gp, noise: 4}
      optimizer: adam
      """)
    let check = try GradientChecker.check(experiment, workers: 2)
    #expect(check.verdict == .right, "\(check.table)")
  }

  @Test func lossesThatAreNotFiniteStopTheRun() throws {
    let directory = try TemporaryDirectory()
    let text = Self.text(
      optimizer: "{generator: adam, critic: {sgd: 1000}}", train: "{steps: 99, checkpoint: 1 steps}"
    )
    let failure = #expect(throws: Failure.self) { try run(text, in: directory) }
    #expect(failure?.code == .notFinite)
    #expect(failure?.message.contains("is not finite; nothing was updated") == true)
    #expect(failure?.message.contains("the last checkpoint is '") == true)
  }

  // MARK: What is learnt

  /// Normal points in the plane, and a generator that shifts them and does not learn: the distance
  /// is the length of the shift, which the penalty lets the critic overshoot by shift / (2 · 10).
  ///
  /// On a line a critic that begins with the wrong sign would have to cross slope 0 and stays.
  @Test(arguments: [0.5, 1]) func estimateIsTheDistance(_ shift: Double) throws {
    let numbers = (0..<8192).map { i in
      RandomStream(seed: 9, purpose: .points, unit: 99).normal(at: i)
    }
    let points = Dataset(
      shape: [2], elements: .floats(numbers),
      targets: .classes([Int32](repeating: 0, count: 4096), names: ["all"]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let configuration = try RunConfiguration(
      text: """
        name: shift
        data: {dataset: gaussians8, batch: 256}
        generator: [{dense: {units: 2, weight: [[1, 0], [0, 1]], bias: [\(shift), 0]}}]
        critic: [{dense: 64}, relu, {dense: 64}, relu, {dense: 1}]
        adversarial: {loss: wasserstein_gp, noise: 2}
        optimizer: {generator: {sgd: 1e-30}, critic: {adam: {learning_rate: 0.002, beta1: 0.5}}}
        schedule: {cosine: {to: 0}}
        train: {epochs: 40}
        """, source: "shift.yaml")
    let experiment = try Experiment(
      configuration, data: Splits(training: points, test: nil, validation: .none, seed: 1))
    try withTrainer(experiment) { trainer in
      var (batches, totals) = (experiment.batches, Metrics(experiment.metrics))
      let last = 39 * batches.stepsPerEpoch
      while trainer.state.step < last + batches.stepsPerEpoch {
        let report = try trainer.step(batches.batch(atStep: trainer.state.step))
        if trainer.state.step > last { totals += report.metrics }
      }
      func figure(_ name: String) -> Double { totals[name] ?? .nan }
      #expect(abs(figure("wasserstein") / shift - 1) < 0.1, "\(totals)")
      #expect(abs(figure("gradient_norm") - 1 - shift / 20) < 0.05, "\(totals)")
    }
  }

  /// Mean 4 and deviation 1.25, to five in a hundred.
  ///
  /// One worker here and below, with the bits of several: threads that meet in each of many
  /// thousand steps wait for their turn on a busy machine.
  @Test func normalNumbersAreImitated() throws {
    let directory = try TemporaryDirectory()
    try run(
      """
      name: normal
      shards: 4
      data: {dataset: gaussian1d, train_samples: 25600, batch: 256, normalise: false}
      generator: [{dense: 16}, relu, {dense: 1}]
      discriminator: [{dense: 32}, relu, {dense: 32}, relu, {dense: 1}]
      adversarial: {loss: non_saturating, critic_steps: 3, noise: 1, label_noise: 0.1}
      optimizer: {generator: {adam: {beta1: 0.5}}, discriminator: {adam: {learning_rate: 0.002, beta1: 0.5}}}
      schedule: {cosine: {to: 0}}
      train: {steps: 30000}
      """, in: directory, workers: 1)
    let samples = try usingHDF5 {
      let file = try ResolvedCheckpoint(directory.path, .newest).path
      return try SampleMaker(Checkpoint(opening: file), samples: 10_000).samples(seed: 5).values
    }
    let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
    let variance = samples.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let deviation = (variance / Double(samples.count)).squareRoot()
    #expect(abs(mean / 4 - 1) < 0.05, "mean \(mean)")
    #expect(abs(deviation / 1.25 - 1) < 0.05, "deviation \(deviation)")
  }

  /// A short form of configs/wgan-gp-toy.yaml, which nine points of ten must follow in the end: all
  /// modes are found, and most points are near one.
  @Test func allModesAreFound() throws {
    let directory = try TemporaryDirectory()
    try run(
      """
      name: modes
      shards: 4
      data: {dataset: gaussians8, train_samples: 25600, batch: 128, normalise: false}
      generator: [{dense: 64}, relu, {dense: 64}, relu, {dense: 2}]
      critic: [{dense: 64}, relu, {dense: 64}, relu, {dense: 1}]
      adversarial: {loss: wasserstein_gp, penalty: 0.1, noise: 2}
      optimizer: {adam: {learning_rate: 0.002, beta1: 0.5, beta2: 0.9}}
      schedule: {cosine: {to: 0}}
      train: {steps: 15000}
      """, in: directory, workers: 1)
    let samples = try usingHDF5 {
      let file = try ResolvedCheckpoint(directory.path, .newest).path
      return try SampleMaker(Checkpoint(opening: file), samples: 4000).samples(seed: 5).values
    }
    let (centres, deviation) = Points.gaussians8.modes
    var counts = [Int](repeating: 0, count: 8)
    for i in stride(from: 0, to: samples.count, by: 2) {
      let distances = centres.map { centre in
        let (x, y) = (Double(samples[i]) - centre[0], Double(samples[i + 1]) - centre[1])
        return (x * x + y * y).squareRoot()
      }
      guard let least = distances.min(), least < 10 * deviation else { continue }
      counts[distances.firstIndex(of: least) ?? 0] += 1
    }
    #expect(counts.reduce(0, +) > 4000 * 7 / 10, "\(counts)")
    #expect(counts.allSatisfy { $0 > 4000 / 8 / 2 }, "\(counts)")
  }
}

extension Trainer {
  /// Trains up to a step of an adversarial run.
  fileprivate func play(to end: Int) throws {
    var batches = experiment.batches
    while state.step < end { _ = try step(batches.batch(atStep: state.step)) }
  }
}
