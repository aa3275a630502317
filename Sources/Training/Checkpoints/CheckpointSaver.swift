package import Checkpoints
package import Communication
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Execution
internal import Glibc
internal import Graphs
internal import Kernels
internal import ModelFiles
internal import Networks
package import Reports

/// Writes checkpoints on a background thread of rank 0 while training continues.
///
/// The HDF5 library allows one thread at a time: between `save` and `finish` only this thread uses
/// it. The training loop reads its samples without HDF5.
package final class CheckpointSaver {
  /// The copy of the state; on rank 0 only.
  package let snapshot: Snapshot?
  private let experiment: Experiment
  private let communicator: Communicator
  private let directory: CheckpointDirectory?
  private let state: ModelState
  private let fingerprint: Fingerprint
  /// The byte range of each rank in each network's moments.
  private let momentRanges: [[Range<Int>]]
  /// The byte range of each rank in each carried state.
  private let carriedRanges: [[Range<Int>]]
  private var task: BackgroundTask<Void>?
  /// Whether rank 0 is writing a checkpoint.
  private var isSaving = false
  /// Whether there was a whole checkpoint when all ranks last waited.
  private var wasSaved: Bool

  /// `directory` is nil on all ranks but 0.
  package init(
    _ experiment: Experiment, _ state: ModelState, computing fingerprint: Fingerprint,
    communicator: Communicator, in directory: CheckpointDirectory?
  ) throws(Failure) {
    self.experiment = experiment
    self.state = state
    self.fingerprint = fingerprint
    self.communicator = communicator
    self.directory = directory
    momentRanges = state.networks.map { network in
      VectorPartition.ranges(elements: network.count, ranks: communicator.size).map {
        let own = $0.clamped(to: 0..<network.trainedCount)
        return 4 * own.lowerBound..<4 * own.upperBound
      }
    }
    let layout = experiment.configuration.layout
    carriedRanges =
      state.carried?.ranges(
        of: (0..<communicator.size).map {
          layout.places(of: (0..<layout.shards).part($0, of: communicator.size), in: layout.batch)
        }) ?? []
    snapshot = directory == nil ? nil : try Snapshot(of: state, experiment.compiled)
    wasSaved = state.step > 0
  }

  /// Begins to write a checkpoint, after the previous one is written.
  ///
  /// Throws if the weights differ between ranks. The state must not change before
  /// `snapshot.waitForCopy()` returns. Collective.
  package func save(
    _ history: RunHistory, training: Metrics, validation: Metrics?
  ) throws(Failure) {
    try finish()
    try state.compareReplicas(on: communicator)
    for (number, network) in state.networks.enumerated() {
      for unsafe(place, (_, values)) in unsafe network.moments.enumerated() {
        try unsafe communicator.gather(
          values.baseAddress, into: snapshot?.place(ofMoment: place, of: number),
          ranges: momentRanges[number])
      }
    }
    try gatherCarriedStates()
    try communicator.together { () throws(Failure) in
      guard let directory, let snapshot else { return }
      let (step, schedule) = (state.step, experiment.configuration.schedule)
      let (keep, format, best) = (schedule.keep, schedule.export, history.bestStep)
      let parameterGroups = experiment.parameterGroups
      let layout = experiment.layout
      let trained = parameterGroups.map(\.trained)
      let entries = entries(history)
      let configuration = experiment.configuration.settings.yaml(includingAll: false)
      var coded = experiment.data.training.coding
      coded.threshold = history.threshold
      let coding = coded.text
      let metrics = metrics(training, validation)
      let carried = state.carried?.layout
      snapshot.begin()
      do throws(Failure) {
        task = try BackgroundTask { () throws(Failure) in
          snapshot.copy()
          // Training has priority if there are too few cores; 0 is this thread.
          setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
          do throws(Failure) {
            var writer = try CheckpointWriter(step: step, in: directory)
            try unsafe writer.write(snapshot.weights, as: layout, in: .weights)
            for unsafe(layout, moments) in unsafe zip(trained, snapshot.moments) {
              for unsafe(name, values) in unsafe moments {
                try unsafe writer.write(values, as: layout, in: .moment(name))
              }
            }
            if let carried {
              try unsafe writer.write(
                UnsafeBufferPointer(snapshot.carried), as: carried, in: .carried)
            }
            try writer.commit(
              entries, configuration: configuration, coding: coding, metrics: metrics, keep: keep,
              best: best)
            let file = directory.file(ofStep: step)
            if let format, try directory.best() ?? file == file {
              try directory.export(format, of: file, layout: schedule.exportLayout)
            }
          } catch {
            // If the run's directory is gone, that is the reason for all other failures.
            try directory.checkNotMoved()
            throw error
          }
        }
      } catch {
        snapshot.copy()
        throw error
      }
    }
    isSaving = true
  }

  /// Copies the carried states of all ranks to the snapshot.
  ///
  /// The next step writes them while it computes its gradient, so a thread cannot copy them.
  private func gatherCarriedStates() throws(Failure) {
    guard let carried = state.carried, let own = unsafe carried.values.baseAddress else { return }
    let (source, whole) = unsafe (
      UnsafeRawPointer(own), UnsafeMutableRawPointer(snapshot?.carried.baseAddress)
    )
    for ranges in carriedRanges {
      let mine = ranges[communicator.rank]
      if let whole = unsafe whole {
        unsafe (whole + mine.lowerBound).copyMemory(
          from: source + mine.lowerBound, byteCount: mine.count)
      }
      try unsafe communicator.gather(source + mine.lowerBound, into: whole, ranges: ranges)
    }
  }

  /// Whether this rank is writing a checkpoint.
  package var isBusy: Bool { task?.isDone == false }

  /// Whether this rank could not write; `finish` then throws on all ranks.
  package var hasFailed: Bool {
    if let task, task.isDone, case .failure = task.result { true } else { false }
  }

  /// Whether there is a whole checkpoint, as far as this rank knows.
  package var hasCheckpoint: Bool {
    if let task, task.isDone, case .success = task.result { true } else { wasSaved }
  }

  /// Waits until the checkpoint is written; throws if it could not be.
  ///
  /// Collective.
  package func finish() throws(Failure) {
    let task = task
    self.task = nil
    _ = try communicator.result(of: task)
    if isSaving { (isSaving, wasSaved) = (false, true) }
  }

  /// The path of the newest whole checkpoint that this rank knows of.
  package var newest: String? {
    guard let directory, (try? directory.checkNotMoved()) != nil else { return nil }
    return (try? directory.latest()) ?? nil
  }

  /// Waits until this rank has written its checkpoint or failed to.
  package func wait() { task?.wait() }

  private func entries(_ history: RunHistory) -> CheckpointState {
    let configuration = experiment.configuration
    let place = experiment.batches.place(ofStep: state.step)
    var entries = CheckpointState()
    entries.set("epoch", place.epoch)
    entries.set("position", place.position)
    for group in experiment.parameterGroups where !group.name.isEmpty {
      entries.set("\(group.name)_steps", state.updates(of: group.number))
    }
    entries.set("seed", Int(configuration.seed))
    entries.set("shards", configuration.layout.shards)
    entries.set("engine", configuration.engine.rawValue)
    entries.set("isa", configuration.isa.rawValue)
    entries.set("fingerprint", fingerprint.text)
    entries.set("fingerprint_outline", fingerprint.outline)
    entries.set("data_hash", experiment.data.contentHash.description)
    history.write(to: &entries)
    return entries
  }

  /// The metrics of the epoch so far, and those of a validation after this step, as JSON.
  private func metrics(_ training: Metrics, _ validation: Metrics?) -> String {
    JSONValue.object(
      [("train", training.json)] + (validation.map { [("validation", $0.json)] } ?? [])
    ).description
  }
}

extension Metrics {
  fileprivate var json: JSONValue {
    .object([("loss", .number(loss))] + members)
  }
}

extension CheckpointDirectory {
  /// Finishes what an interrupted save left undone: the mark of the best checkpoint, the removal of
  /// old ones, and the export.
  package func repair(
    _ history: RunHistory, from file: String, after step: Int, _ schedule: TrainingSchedule
  ) throws(Failure) {
    try removeOrphans()
    try rotate(best: history.bestStep, keeping: schedule.keep, sparing: step)
    guard let format = schedule.export else { return }
    try export(format, of: try best() ?? file, layout: schedule.exportLayout)
  }

  /// Exports the weights of a checkpoint to the run's directory.
  func export(
    _ format: ExportFormat, of file: String, layout: WeightLayout?
  ) throws(Failure) {
    let checkpoint = try Checkpoint(opening: file)
    try checkNotMoved()
    _ = try checkpoint.export(format, to: exportPath(format), replacing: true, layout: layout)
  }
}
