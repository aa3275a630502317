import Communication
import Datasets
import Diagnostics
import Execution
import Graphs
import Networks
import Optimizers
import Reports
import TestSupport
import Testing
import Training

/// Training on samples that stand in the configuration, with real targets.
@Suite struct TableTests {
  private func experiment(
    _ model: String, optimizer: String = "adam", engine: Engine = .standard
  ) throws -> Experiment {
    let text = """
      name: table
      engine: \(engine.rawValue)
      shards: 2
      data:
        dataset: table
        samples: [[0.1, 0.9], [-0.4, 0.3], [0.7, -0.2], [1.1, 0.5], [-0.9, -0.6]]
        targets: [[1.1, 0, 2], [0.2, 0.1, -1], [0.3, 0.6, 0], [2, 1, 0.5], [-1, 1, 1]]
        batch: 4
      model: \(model)
      loss: mse
      optimizer: \(optimizer)
      """
    return try Experiment(RunConfiguration(text: text, source: "table.yaml"))
  }

  /// The batches of five samples by four: the second of an epoch has one.
  @Test(
    arguments: Engine.allCases, ["adam", "{sgd: {learning_rate: 0.1, momentum: 0.5}}"])
  func realTargetsAreLearnt(_ engine: Engine, _ optimizer: String) throws {
    let experiment = try experiment(
      "[{dense: 4}, tanh, {dense: 3}]", optimizer: optimizer, engine: engine)
    let input = experiment.compiled.input
    #expect(input.scale == 1 && input.mean == 0 && input.deviation == 1)
    try withTrainer(experiment) { trainer in
      var reference = ReferenceTraining(
        experiment.network, experiment.configuration.optimizers[0],
        from: initialTensors(trainer.state, experiment))
      var sampler = experiment.sampler
      for step in 0..<6 {
        let batch = sampler.batch(atStep: step)
        let tensors = experiment.data.training.rows(batch.samples)
        let report = try trainer.step(batch)
        let loss = try reference.step(tensors.samples, tensors.targets)
        #expect(isClose(report.loss, loss, relative: 1e-5))
      }
      for (name, tensor) in trainer.state.tensors {
        let exact = try #require(reference.learner.tensors[name])
        for (a, b) in zip(tensor.elements, exact.elements) {
          #expect(isClose(a, b, relative: 1e-5, absolute: 1e-6))
        }
      }
    }
  }

  @Test func theTestSetIsTheTrainingSet() throws {
    let experiment = try experiment("[{dense: 3}]")
    try withTrainer(experiment) { trainer in
      let validation = try trainer.validate()
      #expect(validation == nil)
    }
    #expect(
      ExperimentSummary(experiment.compiled).headline
        == "table: 5 samples of 2 with 3 targets, batches of 4, 2 steps (2 an epoch)")
    let resources = try RunResources(experiment.compiled, communicator: .start(), workers: 1)
    #expect(
      ExperimentSummary(experiment.compiled).json(resources, nil).description.contains(
        #""targets": 3"#))
  }

  /// Neither gradients nor momentum, decay or penalties move it, and it is in no norm.
  @Test(arguments: [
    "{sgd: {learning_rate: 0.1, momentum: 0.9, weight_decay: 0.5}}", "{adamw: {weight_decay: 0.5}}",
  ])
  func whatIsFrozenStays(_ optimizer: String) throws {
    let frozen = try experiment(
      "[{dense: {units: 4, freeze: weight}}, tanh, {dense: 3}]", optimizer: optimizer)
    try withTrainer(frozen) { trainer in
      let before = try #require(trainer.state.tensors["dense1/weight"])
      let moving = try #require(trainer.state.tensors["dense2/weight"])
      let report = try trainer.step(trainer.experiment.sampler.first)
      try trainer.train(to: 5)
      #expect(trainer.state.tensors["dense1/weight"] == before)
      #expect(trainer.state.tensors["dense2/weight"] != moving)
      let sizes = unsafe trainer.state.networks[0].moments.map(\.values.count)
      #expect(sizes.allSatisfy { $0 == frozen.network.trainedCount })

      let free = try experiment("[{dense: 4}, tanh, {dense: 3}]", optimizer: optimizer)
      try withTrainer(free) { trainer in
        let all = try trainer.step(trainer.experiment.sampler.first)
        #expect(all.loss == report.loss && all.gradientNorm > report.gradientNorm)
      }
    }
  }

  /// Weights of samples, over shards: the loss is the mean over samples of weight times loss.
  @Test func samplesCountByTheirWeights() throws {
    func experiment(_ weights: String, shards: Int) throws -> Experiment {
      try Experiment(
        RunConfiguration(
          text: """
            name: weighted
            shards: \(shards)
            data:
              dataset: table
              samples: [[0.1, 0.9], [-0.4, 0.3], [0.7, -0.2], [1.1, 0.5]]
              labels: [1, 0, 2, 1]
              \(weights)
              batch: 4
            model: [{dense: 3}]
            loss: cross_entropy
            optimizer: {sgd: 0.5}
            """, source: "table.yaml"))
    }
    func step(_ experiment: Experiment) throws -> (loss: Double, weights: [Float]) {
      try withTrainer(experiment) { trainer in
        let report = try trainer.step(trainer.experiment.sampler.first)
        return (
          report.loss,
          (0..<trainer.state.count).map { unsafe trainer.state.weights[$0] }
        )
      }
    }
    let plain = try step(experiment("", shards: 2))
    let even = try step(experiment("weights: [1, 1, 1, 1]", shards: 2))
    #expect(plain == even)
    let (weighted, doubled) = (
      try step(experiment("weights: [0, 3, 0.5, 1]", shards: 2)),
      try step(experiment("weights: [0, 6, 1, 2]", shards: 2))
    )
    #expect(weighted != plain)
    #expect(doubled.loss == 2 * weighted.loss)
  }

  @Test(arguments: [
    (
      "[[0, 1], [2, 1.5]]",
      "sample 1 holds 1.5 at 1: an embedding of 3 entries takes whole numbers from 0 to 2"
    ),
    (
      "[[0, 3], [2, 1]]",
      "sample 0 holds 3.0 at 1: an embedding of 3 entries takes whole numbers from 0 to 2"
    ),
    (
      "[[-1, 0], [2, 1]]",
      "sample 0 holds -1.0 at 0: an embedding of 3 entries takes whole numbers from 0 to 2"
    ),
  ])
  func embeddingsRefuseWhatNamesNoRow(_ samples: String, _ message: String) {
    #expect(throws: Failure(.badData, message)) {
      try Experiment(
        RunConfiguration(
          text: """
            name: words
            data: {dataset: table, samples: \(samples), labels: [0, 1], batch: 2}
            model: [{embedding: {entries: 3, size: 2}}, flatten, {dense: 2}]
            loss: cross_entropy
            optimizer: sgd
            """, source: "words.yaml"))
    }
  }

  /// What is no probability means nothing to a loss that takes it for one.
  @Test(arguments: [
    ("cross_entropy", "[[0, 1], [-0.25, 1]]", "-0.25 in number 2"),
    ("cross_entropy", "[[0, 1], [0, 2]]", "2.0 in number 2"),
    ("binary_cross_entropy", "[[1.5, 0], [0, 1]]", "1.5 in number 1"),
  ])
  func targetsThatALossDoesNotTake(_ loss: String, _ targets: String, _ found: String) {
    #expect(
      throws: Failure(
        .badConfiguration,
        "soft.yaml:5:12: data.targets: expected numbers from 0 to 1 for \(loss), found \(found)")
    ) {
      try Experiment(
        RunConfiguration(
          text: """
            name: soft
            data:
              dataset: table
              samples: [[1], [2]]
              targets: \(targets)
              batch: 2
            model: [{dense: 2}]
            loss: \(loss)
            optimizer: sgd
            """, source: "soft.yaml"))
    }
  }

  @Test func embeddingsRefuseNormalisedSamples() throws {
    let message =
      "an embedding takes whole numbers as they are, the samples of this dataset are normalised: "
      + "use a dataset of numbers, such as a table"
    let data = Dataset(
      shape: [2], elements: .floats([0, 1, 2, 1]), targets: .classes([0, 1], names: ["a", "b"]))
    let configuration = try RunConfiguration(
      text: """
        name: words
        data: {dataset: digits, batch: 2}
        model: [{embedding: {entries: 3, size: 2}}, flatten, {dense: 2}]
        loss: cross_entropy
        optimizer: sgd
        """, source: "words.yaml")
    #expect(throws: Failure(.badData, message)) {
      try Experiment(
        configuration, data: Splits(training: data, test: data, validation: .none, seed: 1))
    }
  }

  private func initialTensors(_ state: ModelState, _ experiment: Experiment) -> [String: Tensor] {
    var tensors = state.tensors
    for parameter in experiment.network.parameters {
      tensors[parameter.name] = Tensor(parameter.shape, tensors[parameter.name]?.elements ?? [])
    }
    return tensors
  }
}
