package import Checkpoints
package import Communication
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Optimizers
package import Reports

/// Saves and restores a run.
///
/// Rank 0 alone writes; every rank reads what it needs.
package struct Checkpointing {
  private let experiment: Experiment
  private let communicator: Communicator
  /// Of the weights.
  private let layout: TensorLayout
  /// Of each moment.
  private let trained: TensorLayout

  package init(_ experiment: Experiment, communicator: Communicator) {
    self.experiment = experiment
    self.communicator = communicator
    layout = TensorLayout(experiment.network.parameters)
    trained = TensorLayout(experiment.network.trainedParameters)
  }

  // MARK: Saving

  /// Writes a checkpoint of the state after `state.step` steps.
  ///
  /// Collective.
  package func save(
    _ state: ModelState, totals: EpochTotals, training: Scores, validation: Scores?,
    in directory: CheckpointDirectory?
  ) throws(Failure) {
    let slices = Slices.ranges(elements: state.count, ranks: communicator.size)
      .map { $0.clamped(to: 0..<trained.count) }
    let gather = communicator.gatherPlan(slices.map { 4 * $0.lowerBound..<4 * $0.upperBound })
    let whole = try communicator.together { () throws(Failure) in
      try unsafe Arena(byteCount: state.moments.isEmpty ? 0 : 4 * trained.count)
    }
    let values = unsafe whole.start.bindMemory(to: Float.self, capacity: trained.count)
    var writer: CheckpointWriter?
    try communicator.together { () throws(Failure) in
      guard let directory else { return }
      var opened = try CheckpointWriter(step: state.step, in: directory)
      try unsafe opened.write(
        UnsafeBufferPointer(start: state.weights, count: state.count), as: layout, in: .weights)
      writer = consume opened
    }
    for unsafe(name, moment) in unsafe state.moments {
      if let start = moment.baseAddress {
        unsafe (values + state.slice.lowerBound).update(from: start, count: moment.count)
      }
      try unsafe communicator.allGather(whole.start, gather)
      try communicator.together { () throws(Failure) in
        try unsafe writer?.write(
          UnsafeBufferPointer(start: values, count: trained.count), as: trained,
          in: .moment(name))
      }
    }
    try communicator.together { () throws(Failure) in
      try writer.take()?.commit(
        entries(state, totals),
        configuration: experiment.configuration.settings.yaml(includingAll: false),
        coding: experiment.data.training.coding.text,
        metrics: metrics(training, validation), keep: experiment.configuration.schedule.keep)
    }
  }

  private func entries(_ state: ModelState, _ totals: EpochTotals) -> CheckpointState {
    let configuration = experiment.configuration
    let place = experiment.sampler.place(ofStep: state.step)
    var entries = CheckpointState()
    entries.set("epoch", place.epoch)
    entries.set("position", place.position)
    entries.set("seed", Int(configuration.seed))
    entries.set("shards", configuration.layout.shards)
    entries.set("engine", configuration.engine.rawValue)
    entries.set("data_hash", experiment.data.contentHash.description)
    entries.set("epoch_loss", totals.loss)
    entries.set("epoch_counters", totals.counters.indices.map { totals.counters[$0] })
    entries.set("epoch_samples", totals.samples)
    return entries
  }

  /// The figures of the epoch so far, and of the validation that was due at this step.
  private func metrics(_ training: Scores, _ validation: Scores?) -> String {
    JSONValue.object(
      [("train", training.json)] + (validation.map { [("validation", $0.json)] } ?? [])
    ).description
  }

  // MARK: Restoring

  /// Reads weights, moments and place from a checkpoint of this very run.
  ///
  /// Collective.
  package func restore(_ state: ModelState, from path: String) throws(Failure) -> EpochTotals {
    try communicator.together { () throws(Failure) in
      let checkpoint = try Checkpoint(opening: path)
      // Of another model the first layer that differs says more than all settings that do.
      try checkpoint.check(.weights, has: layout)
      try checkConfiguration(checkpoint.configuration, path)
      try checkState(checkpoint.state, path)
      let totals = try epochTotals(checkpoint)
      try restoreWeights(state, from: checkpoint)
      let whole = try unsafe Arena(byteCount: state.moments.isEmpty ? 0 : 4 * trained.count)
      let values = unsafe whole.start.bindMemory(to: Float.self, capacity: trained.count)
      for unsafe(name, moment) in unsafe state.moments {
        try unsafe checkpoint.read(
          .moment(name), as: trained,
          into: UnsafeMutableBufferPointer(start: values, count: trained.count))
        unsafe moment.baseAddress?.update(
          from: values + state.slice.lowerBound, count: moment.count)
      }
      return totals
    }
  }

  /// What the epoch had come to; its samples follow from the step.
  private func epochTotals(_ checkpoint: borrowing Checkpoint) throws(Failure) -> EpochTotals {
    let saved = checkpoint.state
    var totals = EpochTotals()
    totals.loss = try saved.number("epoch_loss")
    let counters = try saved.numbers("epoch_counters")
    totals.samples = try saved.integer("epoch_samples")
    let position = experiment.sampler.place(ofStep: max(0, checkpoint.step)).position
    guard checkpoint.step >= 0, totals.samples == position,
      counters.count == totals.counters.scalarCount
    else {
      throw Failure(
        .badData,
        "'\(checkpoint.path)' contradicts itself: step \(checkpoint.step), \(counters.count) sums "
          + "over \(totals.samples) samples of the epoch, where \(position) have been seen")
    }
    for (place, counter) in counters.enumerated() { totals.counters[place] = counter }
    return totals
  }

  /// Reads only the weights: enough to evaluate.
  package func restoreWeights(
    _ state: ModelState, from checkpoint: borrowing Checkpoint
  ) throws(Failure) {
    try unsafe checkpoint.read(
      .weights, as: layout,
      into: UnsafeMutableBufferPointer(start: state.weights, count: state.count))
    state.step = checkpoint.step
  }

  private func checkConfiguration(_ saved: String, _ path: String) throws(Failure) {
    let configuration = try RunConfiguration(saved: saved, of: path)
    let differences = experiment.configuration.settings.differences(from: configuration.settings)
    guard differences.isEmpty else {
      let list = differences.map(\.description).joined(separator: "; ")
      throw Failure(
        .badConfiguration,
        "the run of '\(path)' cannot go on under other settings: \(list); "
          + "undo the change, or start another run with --fresh or --run DIR")
    }
    try checkLearningRates(configuration, path)
  }

  /// A learning rate that falls until the end of the run changes with the run's length.
  private func checkLearningRates(
    _ saved: RunConfiguration, _ path: String
  ) throws(Failure) {
    let perEpoch = experiment.sampler.stepsPerEpoch
    let before = try saved.learningRates(stepsPerEpoch: perEpoch).over
    let now = experiment.learningRates.over
    guard let before, let now, before != now else { return }
    let length =
      before % perEpoch == 0
      ? Timespan(before / perEpoch, .epochs) : Timespan(before, .steps)
    throw experiment.configuration.settings.section("schedule").failure(
      at: "over",
      "the learning rate of '\(path)' falls over \(before) steps, here it would fall "
        + "over \(now); to keep its fall and change only the length, set over: \(length)")
  }

  private func checkState(_ saved: CheckpointState, _ path: String) throws(Failure) {
    let hash = try saved.text("data_hash")
    let here = experiment.data.contentHash.description
    guard hash == here else {
      throw Failure(
        .badData, "'\(path)' was trained on other data: hash \(hash) there, \(here) here")
    }
    let shards = try saved.integer("shards")
    guard shards == experiment.configuration.layout.shards else {
      throw Failure(
        .badConfiguration,
        "'\(path)' has \(shards) shards, this run would have "
          + "\(experiment.configuration.layout.shards): set shards: \(shards)")
    }
  }
}

extension TensorLayout {
  init(_ parameters: [Parameter]) {
    self.init(packing: parameters.map { ($0.name, $0.shape.extents) })
  }
}

extension Scores {
  fileprivate var json: JSONValue {
    .object([("loss", .number(loss))] + metrics.map { ($0.name, .number($0.value)) })
  }
}

extension RunConfiguration {
  /// The configuration that a checkpoint holds, with the folder of the data, which it does not hold.
  package init(
    saved text: String, of path: String, dataFrom folder: String? = nil
  ) throws(Failure) {
    do {
      try self.init(text: text, source: "\(path) /config", dataFrom: folder)
    } catch {
      throw Failure(.badData, "'\(path)' holds a configuration that cannot be read: \(error)")
    }
  }
}
