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
  /// older version has its metrics alone.
  func complete(_ record: inout RunRecord, _ communicator: Communicator) {
    if record.layers.isEmpty { record.addNormsOfCheckpoints() }
    let isAnswered = record.findings.validation != nil
    guard record.findings.network == nil || !isAnswered else { return }
    do throws(Failure) {
      let run = record.path
      record.findings = try ResolvedCheckpoint.reading(run, arguments.choice) {
        [findings = record.findings] found throws(Failure) in
        var findings = findings
        findings.network = try NetworkPicture(Checkpoint(opening: found.path)).boxes(.page)
        if !isAnswered { findings.validation = try validation(found, communicator) }
        return findings
      }
    } catch {
      record.notes.append("the answers of the network are left out: \(error.message)")
    }
  }

  /// How the network of a checkpoint answers its validation set; nil where there is none.
  private func validation(
    _ found: ResolvedCheckpoint, _ communicator: Communicator
  ) throws(Failure) -> ValidationFindings? {
    let scoring = try CheckpointEvaluation(
      Checkpoint(opening: found.path), dataFrom: arguments.dataFolder ?? found.dataFolder)
    guard !scoring.configuration.isAdversarial else { return nil }
    let splits = try communicator.splits(scoring, .silent)
    guard let validation = splits.validation else { return nil }
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
    return try evaluator.validationFindings(in: validation, after: state.step, isBest: isBest)
  }
}

extension RunRecord {
  /// Adds the norms of the weights of the checkpoints that are left.
  fileprivate mutating func addNormsOfCheckpoints() {
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
