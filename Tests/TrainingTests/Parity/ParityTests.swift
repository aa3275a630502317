import Datasets
import Execution
import Graphs
import Networks
import Reports
import Testing
import TestSupport
import Training

/// The whole way from a configuration to trained weights, against PyTorch.
@Suite struct ParityTests {
  private static let networks =
    ParityCase.all + ParityCase.recurrent + ParityCase.transformers + ParityCase.mamba

  @Test(arguments: networks)
  func referenceIsPyTorchInDouble(_ net: ParityCase) throws {
    let golden = try Golden(net.name)
    var training = try ReferenceTraining(
      net.network(), net.configuration().optimizers[0], from: golden.initial, fields: golden.fields)
    let (_, gradient) = try training.evaluate(golden.input, golden.answers)
    for (name, _, range) in training.learner.parameters where golden.learns(name) {
      let error = relativeError(gradient[range], of: golden.gradient[name])
      #expect(error < 1e-8, "the gradient of \(name) is off by \(error)")
    }
    for step in 0..<ParityCase.steps {
      let loss = try training.step(golden.input, golden.answers)
      #expect(isClose(loss, golden.losses[step], relative: 1e-8), "step \(step)")
    }
    let (loss, _) = try training.evaluate(golden.input, golden.answers)
    #expect(isClose(loss, golden.losses[ParityCase.steps], relative: 1e-8))
    for (name, _, range) in training.learner.parameters {
      let error = relativeError(training.learner.weights[range], of: golden.final[name])
      #expect(error < 1e-8, "\(name) is off by \(error) in the end")
    }
  }

  @Test(arguments: Engine.allCases, networks)
  func enginesAreAsNearAsPyTorchInSinglePrecision(_ engine: Engine, _ net: ParityCase) throws {
    let golden = try Golden(net.name)
    let network = try net.network()
    let runner = try ProgramRunner(network, on: engine, golden)
    var learner = Learner<Float>(
      network, try net.configuration().optimizers[0], from: golden.initial)
    for step in 0..<ParityCase.steps {
      let (sum, gradient) = runner.run(weights: learner.weights)
      let loss = sum / network.counting(golden.answers)
      let bound = step == 0 ? 1e-6 : max(1e-6, 4 * golden.lossError)
      #expect(isClose(loss, golden.losses[step], relative: bound), "step \(step)")
      for (name, _, range) in learner.parameters where step == 0 && golden.learns(name) {
        let error = relativeError(gradient[range].map { Double($0) }, of: golden.gradient[name])
        #expect(error < 1e-4, "the gradient of \(name) is off by \(error)")
      }
      learner.update(by: gradient)
    }
    golden.expectSinglePrecision(learner.tensors)
  }

  /// Wherever PyTorch allows `ceil_mode`, with windows and padding of any size.
  @Test func ceilModeIsPyTorchs() throws {
    let line = try Golden.tensor("line", of: "pools")
    let cases = try Golden.tensor("cases", of: "pools").elements.map { Int($0) }
    var outputs = try Golden.tensor("outputs", of: "pools").elements[...]
    for start in stride(from: 0, to: cases.count, by: 5) {
      let row = Array(cases[start..<start + 5])
      let pool = MaxPool(
        Sides(height: row[1], width: row[1]), stride: Sides(height: row[2], width: row[2]),
        padding: .all(row[3]), ceilMode: true)
      let network = try Network(
        Model(LayerList([Node(pool), Node(Dense(units: 1))]), loss: MeanSquaredError()),
        sample: [row[0], 1], targets: .values([row[4], 1]))
      let results = try ReferenceEvaluator(
        network.forwardProgram(samples: 1, ofAllLayers: true)
      ).evaluate(
        inputs: ["samples": Tensor([1, row[0], 1], Array(line.elements[..<row[0]]))],
        parameters: ["dense1/weight": Tensor([1, 1], [1]), "dense1/bias": Tensor([1], [0])])
      #expect(results["layer/maxpool1"]?.elements == Array(outputs.prefix(row[4])), "\(row)")
      outputs = outputs.dropFirst(row[4])
    }
    #expect(outputs.isEmpty)
  }

  /// In 64 shards one has no target that counts.
  @Test(arguments: [ParityCase.pixels, .maps, .autoencoder], [1, 8, 64])
  func targetsOfAnyShapeInAnyNumberOfShards(_ net: ParityCase, _ shards: Int) throws {
    try trainerIsPyTorchAtAnyNumberOfShards(net, shards)
  }

  @Test(arguments: [ParityCase.mlp, .conv], [1, 2, 4, 8, 64])
  func trainerIsPyTorchAtAnyNumberOfShards(_ net: ParityCase, _ shards: Int) throws {
    let golden = try Golden(net.name)
    let experiment = try net.experiment(
      golden, batch: ParityCase.samples, shards: shards, samples: ParityCase.samples)
    try withTrainer(experiment) { trainer in
      trainer.state.weights(from: golden.initial)
      var sampler = experiment.sampler
      for step in 0..<ParityCase.steps {
        let report = try trainer.step(sampler.batch(atStep: step))
        #expect(isClose(report.loss, golden.losses[step], relative: 1e-6), "step \(step)")
        let norm = golden.gradient.values.reduce(0) { $0 + $1.elements.reduce(0) { $0 + $1 * $1 } }
        if step == 0 { #expect(isClose(report.gradientNorm, norm.squareRoot(), relative: 1e-5)) }
      }
      golden.expectSinglePrecision(trainer.state.tensors)
    }
  }

  /// Batches that shards do not divide: partial shards, absent ones, and a short batch at the end
  /// of each epoch.
  @Test(arguments: [ParityCase.mlp, .conv], [(50, 8), (50, 32), (33, 16)])
  func unevenBatchesAreThoseOfTheWhole(_ net: ParityCase, _ cut: (batch: Int, shards: Int)) throws {
    let golden = try Golden(net.name)
    var net = net
    // Adam would turn the rounding of a vanishing gradient into a whole step.
    net.optimizer = ParityCase.momentum.optimizer
    let experiment = try net.experiment(golden, batch: cut.batch, shards: cut.shards, samples: 59)
    var reference = try ReferenceTraining(
      net.network(), experiment.configuration.optimizers[0], from: golden.initial)
    try withTrainer(experiment, workers: 3) { trainer in
      trainer.state.weights(from: golden.initial)
      var sampler = experiment.sampler
      for step in 0..<4 {
        let batch = sampler.batch(atStep: step)
        let exact = try reference.step(
          golden.input.rows(batch.samples), golden.answers.rows(batch.samples))
        let report = try trainer.step(batch)
        #expect(report.metrics.samples == batch.count)
        #expect(isClose(report.loss, exact, relative: 1e-6), "step \(step)")
      }
      // What training changed, not what it found, must agree.
      for (name, _, range) in reference.learner.parameters {
        let start = try #require(golden.initial[name]).elements
        let changes = zip(reference.learner.weights[range], start).map(-)
        let found = try #require(trainer.state.tensors[name]).elements
        let error = relativeError(zip(found, start).map(-), of: Tensor([range.count], changes))
        #expect(error < 1e-5, "the change of \(name) is off by \(error)")
      }
    }
  }
}

extension Golden {
  /// Whether a tensor has a gradient: it is no running average, and is not frozen.
  fileprivate func learns(_ name: String) -> Bool { gradient[name] != nil }

  /// Weights may be at most four times as far from the truth as PyTorch's in float32.
  fileprivate func expectSinglePrecision(_ weights: [String: Tensor]) {
    #expect(Set(weights.keys) == Set(final.keys))
    for (name, error) in finalError.sorted(by: { $0.key < $1.key }) {
      let found = relativeError(weights[name]?.elements ?? [], of: final[name])
      #expect(found <= 4 * error, "\(name) is off by \(found), PyTorch by \(error)")
    }
  }
}

/// The norm of the difference of some numbers from a tensor, in parts of the tensor's norm.
private func relativeError(_ values: some Collection<Double>, of exact: Tensor?) -> Double {
  guard let exact, exact.elements.count == values.count else { return .nan }
  func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  return norm(zip(values, exact.elements).map(-)) / norm(exact.elements)
}
