package import Checkpoints
package import Communication
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels
internal import Networks
internal import Optimizers

/// Restores the state of a run from a checkpoint; every rank reads its own part.
package struct CheckpointLoader {
  private let experiment: Experiment
  private let communicator: Communicator
  /// The layout of the weights.
  private let layout: TensorLayout

  package init(_ experiment: Experiment, communicator: Communicator) {
    self.experiment = experiment
    self.communicator = communicator
    layout = experiment.layout
  }

  /// Reads weights, moments, step and history from a checkpoint of the same run.
  ///
  /// Throws if settings or data differ. If only the engine, the instruction set or the fingerprint
  /// differ, so that the bits change, `allowsNewNumerics` permits it. Collective.
  package func restore(
    _ state: ModelState, from path: String, computing fingerprint: Fingerprint,
    allowsNewNumerics: Bool = false
  ) throws(Failure) -> RunHistory {
    try communicator.together { () throws(Failure) in
      let checkpoint = try Checkpoint(opening: path)
      guard !checkpoint.isExport else {
        throw Failure(
          .badData,
          "'\(path)' holds the weights of a network without the state of its run: start another run "
            + "with --run DIR and --set train.init_from=\(path)")
      }
      guard checkpoint.isResumable else {
        throw Failure(
          .badData,
          "'\(path)' was written by an older version of this program, which can resume it; to "
            + "start a new run with its weights, use --run DIR and "
            + "--set train.init_from=\(path)")
      }
      // If the model differs, the first layer that does is the clearest message.
      try checkpoint.check(.weights, has: layout)
      try checkConfiguration(checkpoint.configuration, path, allowsNewNumerics)
      try checkState(checkpoint.state, path)
      try checkMoments(of: checkpoint)
      if !allowsNewNumerics { try check(fingerprint, checkpoint.state, path) }
      let history = try RunHistory(checkpoint, of: experiment)
      try restoreWeights(state, from: checkpoint)
      try restoreMoments(state, from: checkpoint)
      if let carried = state.carried {
        try unsafe checkpoint.read(.carried, as: carried.layout, into: carried.values)
      }
      return history
    }
  }

  /// Throws if the checkpoint was exported, without what the optimizer keeps.
  private func checkMoments(of checkpoint: borrowing Checkpoint) throws(Failure) {
    for name in experiment.parameterGroups.flatMap(\.optimizer.moments)
    where try !checkpoint.contains(.moment(name)) {
      throw Failure(
        .badData,
        "'\(checkpoint.path)' has no '\(name)' of the optimizer, as an exported checkpoint: start "
          + "another run with --run DIR and --set train.init_from=\(checkpoint.path)")
    }
  }

  /// Reads each moment of all networks and keeps this rank's slices.
  private func restoreMoments(
    _ state: ModelState, from checkpoint: borrowing Checkpoint
  ) throws(Failure) {
    let parameterGroups = experiment.parameterGroups
    let owners = { name in parameterGroups.filter { $0.optimizer.moments.contains(name) } }
    var names: [String] = []
    for name in parameterGroups.flatMap(\.optimizer.moments) where !names.contains(name) {
      names.append(name)
    }
    for name in names {
      let layout = owners(name).flatMap(\.parameters.trained).layout
      let whole = try Arena(byteCount: 4 * layout.count)
      var values = unsafe whole.start.bindMemory(to: Float.self, capacity: layout.count)
      try unsafe checkpoint.read(
        .moment(name), as: layout,
        into: UnsafeMutableBufferPointer(start: values, count: layout.count))
      for group in owners(name) {
        let network = state.networks[group.number]
        for unsafe(own, moment) in unsafe network.moments where own == name {
          unsafe moment.baseAddress?.update(
            from: values + network.slice.lowerBound, count: moment.count)
        }
        unsafe values += network.trainedCount
      }
    }
  }

  /// Reads only weights and step, enough to evaluate.
  package func restoreWeights(
    _ state: ModelState, from checkpoint: borrowing Checkpoint
  ) throws(Failure) {
    try unsafe state.changeWeights { weights throws(Failure) in
      try unsafe checkpoint.read(.weights, as: layout, into: weights)
    }
    state.step = checkpoint.step
  }

  /// The settings that change only the rounding of results.
  private static let numericSettings = ["engine", "isa"]

  private func checkConfiguration(
    _ saved: String, _ path: String, _ allowsNewNumerics: Bool
  ) throws(Failure) {
    let configuration = try RunConfiguration(saved: saved, of: path)
    let differences = experiment.configuration.settings.differences(from: configuration.settings)
      .filter { !allowsNewNumerics || !Self.numericSettings.contains($0.path) }
    guard differences.isEmpty else {
      let list = differences.map(\.description).joined(separator: "; ")
      let consent =
        differences.allSatisfy { Self.numericSettings.contains($0.path) }
        ? ", accept other bits with --allow-new-numerics" : ""
      throw Failure(
        .badConfiguration,
        "the run of '\(path)' cannot be resumed with other settings: \(list); "
          + "undo the change\(consent), or start another run with --fresh or --run DIR")
    }
    try checkLearningRates(configuration, path)
  }

  /// Throws if a schedule that ends with the run would change with the run's new length.
  private func checkLearningRates(
    _ saved: RunConfiguration, _ path: String
  ) throws(Failure) {
    let perEpoch = experiment.batches.stepsPerEpoch
    let before = try saved.learningRates(of: 0, stepsPerEpoch: perEpoch).over
    let now = experiment.parameterGroups[0].learningRates.over
    guard let before, let now, before != now else { return }
    let length =
      before % perEpoch == 0
      ? Timespan(before / perEpoch, .epochs) : Timespan(before, .steps)
    throw experiment.configuration.settings.section("schedule").failure(
      at: "over",
      "the learning rate of '\(path)' falls over \(before) steps, here it would fall "
        + "over \(now); to keep its fall and change only the length, set over: \(length)")
  }

  private func check(
    _ fingerprint: Fingerprint, _ saved: CheckpointState, _ path: String
  ) throws(Failure) {
    let there = try saved.text("fingerprint")
    guard there != fingerprint.text else { return }
    let step = try fingerprint.firstDifference(from: saved.text("fingerprint_outline"))
    throw Failure(
      .badConfiguration,
      "the run of '\(path)' would continue with other bits: its numeric fingerprint is \(there), "
        + "\(fingerprint.text) here (\(Processor.name), \(experiment.configuration.engine.library))"
        + (step.map { ", first in \($0)" } ?? "")
        + "; resume it where it began, or accept other bits with --allow-new-numerics")
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

extension RunConfiguration {
  /// The configuration in a checkpoint, with the folder of the dataset, which it does not hold, and
  /// with overrides.
  package init(
    saved text: String, of path: String, dataFrom folder: String? = nil,
    set overrides: [String] = []
  ) throws(Failure) {
    do {
      try self.init(text: text, source: "\(path) /config", dataFrom: folder, set: overrides)
    } catch {
      throw Failure(.badData, "'\(path)' holds a configuration that cannot be read: \(error)")
    }
  }
}
