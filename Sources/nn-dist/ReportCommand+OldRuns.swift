internal import Charts
internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Reports
internal import RunFiles
internal import Training

extension ReportCommand {
  /// Adds what the run did not record, as far as its checkpoints and its data show it: a run of an
  /// older version, or one without `train.report`, has its metrics alone.
  func complete(_ record: inout RunRecord, _ communicator: Communicator) {
    guard record.findings.network == nil else { return }
    record.addNormsOfCheckpoints()
    do throws(Failure) {
      let checkpoint = try ResolvedCheckpoint(record.path, arguments.choice)
      record.findings.network = try NetworkPicture(Checkpoint(opening: checkpoint.path))
        .boxes(.page)
      try add(checkpoint, to: &record.findings, communicator)
    } catch {
      record.notes.append("what the network makes of its data is left out: \(error.message)")
    }
  }

  /// Adds how the network of a checkpoint answers its validation set, if there is one, and what its
  /// layers do.
  private func add(
    _ found: ResolvedCheckpoint, to findings: inout Findings, _ communicator: Communicator
  ) throws(Failure) {
    let scoring = try CheckpointEvaluation(
      Checkpoint(opening: found.path), dataFrom: arguments.dataFolder ?? found.dataFolder)
    guard !scoring.configuration.isAdversarial else { return }
    let splits = try communicator.splits(scoring, .silent)
    guard let validation = splits.validation else { return }
    let experiment = try scoring.experiment(on: validation)
    let state = try ModelState(experiment)
    try CheckpointLoader(experiment, communicator: communicator)
      .restoreWeights(state, from: Checkpoint(opening: found.path))
    let pool = try WorkerPool(count: communicator.cores)
    defer { pool.stop() }
    let evaluator = try Evaluator(
      validation, of: experiment, state: state, communicator: communicator, pool: pool,
      threshold: scoring.coding.threshold, findsSamples: true)
    try evaluator.makeSessions()
    _ = try evaluator.evaluate()
    let isBest = try found.directory.best() == found.path
    findings.validation = try evaluator.validationFindings(
      in: validation, after: state.step, isBest: isBest)
    if let layers = try LayerFindings(of: experiment, state, on: pool) {
      findings.activations = layers.maps
    }
  }
}

extension RunRecord {
  /// Adds the norms of the weights of the checkpoints that are left.
  fileprivate mutating func addNormsOfCheckpoints() {
    guard layers.isEmpty else { return }
    let checkpoints = CheckpointDirectory(inside: path)
    for step in (try? checkpoints.steps().sorted()) ?? [] {
      // A damaged one says nothing; `inspect` tells of it.
      if let line = try? LayersLine(of: Checkpoint(opening: checkpoints.file(ofStep: step))) {
        layers.append(line)
      }
    }
  }
}

extension LayersLine {
  /// The weights of a checkpoint.
  fileprivate init(of checkpoint: borrowing Checkpoint) throws(Failure) {
    var tensors: [Tensor] = []
    for tensor in try checkpoint.layout(of: .weights).tensors {
      let values = try checkpoint.values(of: tensor, in: .weights)
      let squares = values.reduce(0) { $0 + Double($1) * Double($1) }
      tensors.append(Tensor(name: tensor.name, weights: squares.squareRoot(), gradient: nil))
    }
    let position = try checkpoint.state.integer("position")
    self.init(
      step: checkpoint.step,
      // The state is that of the next step.
      epoch: try checkpoint.state.integer("epoch") + (position > 0 ? 1 : 0), tensors: tensors,
      dead: [])
  }
}
