internal import Communication
internal import Configuration
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Networks
internal import Reports
internal import Training

/// A compiled network with its weights: what `Brain` and `ConvBrain` share.
@safe final class Learner {
  let design: NetworkDesign
  /// The optimiser and learning rate of the next steps.
  private(set) var rule: Rule
  private(set) var state: ModelState
  /// An experiment on one sample of zeros, for programs that do not train.
  private let experiment: Experiment
  private var feeder: Feeder?
  private var layerFeeder: Feeder?
  /// The last trainer of single steps, and the last evaluator, each with its pool.
  private var stepper: (batch: Int, trainer: Trainer)?
  private var evaluator: (count: Int, evaluator: Evaluator)?
  private var pool: WorkerPool?
  /// The group whose slices the moments are.
  private var group: Communicator?

  init(_ design: NetworkDesign, _ rule: Rule) throws(Failure) {
    self.design = design
    self.rule = rule
    let nothing = design.dataset(
      [Float](repeating: 0, count: design.sample.reduce(1, *)),
      answers: [Float](repeating: 0, count: design.outputs))
    experiment = try design.experiment(on: nothing, batch: 1, by: rule)
    state = try ModelState(experiment)
    try Group.world.handshake([("network", settings.yaml(includingAll: false))])
  }

  deinit {
    stepper?.trainer.pool.stop()
    pool?.stop()
  }

  var parameterCount: Int { state.count }
  var network: Network { experiment.network }

  /// The network and its optimiser, as a file would have them.
  private var settings: Settings { experiment.configuration.settings }

  /// Sets the rule of the next steps; another optimiser starts with new moments.
  func follow(_ rule: Rule) throws(Failure) {
    guard rule != self.rule else { return }
    dropStepper()
    if rule.optimizer != self.rule.optimizer {
      try replaceState(by: ModelState(experiment), steps: 0)
      group = nil
    }
    self.rule = rule
  }

  // MARK: Answering

  func feed(_ input: [Float]) throws(Failure) -> [Float] {
    if let feeder { return feeder.feed(input) }
    let feeder = try Feeder(experiment, state, width: design.outputs)
    self.feeder = feeder
    return feeder.feed(input)
  }

  /// The output of each layer for a sample.
  func feedAll(_ input: [Float]) throws(Failure) -> [[Float]] {
    if let layerFeeder { return layerFeeder.feedAll(input) }
    let feeder = try Feeder(experiment, state, width: design.outputs, ofAllLayers: true)
    layerFeeder = feeder
    return feeder.feedAll(input)
  }

  /// The metrics on samples, without training; collective.
  func evaluate(_ dataset: Datasets.Dataset) throws(Failure) -> Metrics {
    if let evaluator, evaluator.count == dataset.count {
      evaluator.evaluator.replaceSamples(by: dataset)
      return try evaluator.evaluator.evaluate()
    }
    let pool = if let pool { pool } else { try WorkerPool(count: Group.workers) }
    self.pool = pool
    let made = try Evaluator(
      dataset, of: experiment, state: state, communicator: Group.world, pool: pool)
    try made.makeSessions()
    evaluator = (dataset.count, made)
    return try made.evaluate()
  }

  // MARK: Learning

  /// Takes one step on all samples; collective.
  func step(on dataset: Datasets.Dataset) throws(Failure) -> StepReport {
    let trainer: Trainer
    if let stepper, stepper.batch == dataset.count {
      trainer = stepper.trainer
      trainer.replaceSamples(by: dataset)
    } else {
      dropStepper()
      trainer = try makeTrainer(on: dataset, validation: nil, batch: dataset.count)
      stepper = (dataset.count, trainer)
    }
    return try trainer.step(Batch(samples: Array(0..<Int32(dataset.count))[...]))
  }

  /// Trains for some epochs, or until `ended` returns true; collective.
  func train(
    on training: Datasets.Dataset, validation: Datasets.Dataset?, batch: Int, epochs: Int,
    ended: (_ epoch: Int, _ training: Metrics, _ validation: Metrics?) -> Bool
  ) throws(Failure) {
    dropStepper()
    let trainer = try makeTrainer(on: training, validation: validation, batch: batch)
    defer { trainer.pool.stop() }
    var sampler = Sampler(count: training.count, batch: batch, order: .sequential)
    var (step, next) = (0, sampler.batch(atStep: 0))
    for epoch in 0..<max(0, epochs) {
      var totals = Metrics(trainer.experiment.metrics)
      for _ in 0..<sampler.stepsPerEpoch {
        let batch = next
        step += 1
        next = sampler.batch(atStep: step)
        totals += try trainer.step(batch, next: next).metrics
      }
      if ended(epoch, totals, try trainer.validate()) { return }
    }
  }

  /// A trainer that continues with the current weights.
  private func makeTrainer(
    on training: Datasets.Dataset, validation: Datasets.Dataset?, batch: Int
  ) throws(Failure) -> Trainer {
    let experiment = try design.experiment(
      on: training, validation: validation, batch: batch, by: rule)
    try state.compareReplicas(on: Group.world)
    let (trainer, group) = try Group.trainer(of: experiment, state: state)
    if trainer.state !== state { try replaceState(by: trainer.state, steps: state.step) }
    self.group = group
    return trainer
  }

  // MARK: Weights

  /// The number of resets.
  private(set) var resets = 0

  /// Draws the first weights again and drops all moments.
  func reset() throws(Failure) {
    resets += 1
    let fresh = try ModelState(experiment)
    dropStepper()
    copyWeights(of: fresh, to: state)
    try replaceState(by: fresh, steps: 0)
    group = nil
  }

  private func dropStepper() {
    stepper?.trainer.pool.stop()
    stepper = nil
  }

  /// Continues with the weights in another state, and with the moments that both have.
  private func replaceState(by other: ModelState, steps: Int) throws(Failure) {
    copyWeights(of: state, to: other)
    other.step = steps
    if steps > 0, let group { try other.takeMoments(of: state, inSlicesOf: group) }
    (feeder, layerFeeder, evaluator) = (nil, nil, nil)
    state = other
  }

  private func copyWeights(of source: ModelState, to target: ModelState) {
    unsafe target.changeWeights {
      unsafe $0.baseAddress?.update(from: source.weights, count: source.count)
    }
  }
}
