package import Checkpoints
package import Communication
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Execution
internal import Glibc
internal import Graphs
internal import Kernels
internal import Networks
package import Reports

/// Writes checkpoints on a thread of rank 0 while training goes on, one after the other.
///
/// Nothing else uses the HDF5 library between `save` and `finish`, which takes one thread at a time:
/// the loop reads its samples without it.
package final class CheckpointSaver {
  /// Of rank 0.
  package let snapshot: Snapshot?
  private let experiment: Experiment
  private let communicator: Communicator
  private let directory: CheckpointDirectory?
  private let state: ModelState
  private let fingerprint: Fingerprint
  /// The bytes of each network's moments that each rank has.
  private let momentRanges: [[Range<Int>]]
  private var task: BackgroundTask<Void>?
  /// Whether a checkpoint is being written, by rank 0.
  private var isSaving = false
  /// Whether a checkpoint was whole when all ranks last waited for one.
  private var wasSaved: Bool

  /// Saves states in the directory, which only rank 0 has.
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
    snapshot = directory == nil ? nil : try Snapshot(of: state, experiment.design)
    wasSaved = state.step > 0
  }

  /// Begins to write a checkpoint of the state as it is, once the one before it is written.
  ///
  /// Weights of which ranks hold different ones are not saved.
  /// Collective. The state may not change before `snapshot.waitForCopy()` returns.
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
    try communicator.together { () throws(Failure) in
      guard let directory, let snapshot else { return }
      let (step, schedule) = (state.step, experiment.configuration.schedule)
      let (keep, format, best) = (schedule.keep, schedule.export, history.bestStep)
      let learners = experiment.learners
      let layout = experiment.layout
      let trained = learners.map(\.trained)
      let entries = entries(history)
      let configuration = experiment.configuration.settings.yaml(includingAll: false)
      let coding = experiment.data.training.coding.text
      let metrics = metrics(training, validation)
      snapshot.begin()
      do throws(Failure) {
        task = try BackgroundTask { () throws(Failure) in
          snapshot.copy()
          // What computes goes first where there are not cores for all; 0 is this thread.
          setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
          do throws(Failure) {
            var writer = try CheckpointWriter(step: step, in: directory)
            try unsafe writer.write(snapshot.weights, as: layout, in: .weights)
            for unsafe(layout, moments) in unsafe zip(trained, snapshot.moments) {
              for unsafe(name, values) in unsafe moments {
                try unsafe writer.write(values, as: layout, in: .moment(name))
              }
            }
            try writer.commit(
              entries, configuration: configuration, coding: coding, metrics: metrics, keep: keep,
              best: best)
            let file = directory.file(ofStep: step)
            if let format, try directory.best() ?? file == file {
              try directory.export(format, of: file, layout: schedule.exportLayout)
            }
          } catch {
            // Where the run is no longer what else fails follows from that.
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

  /// Whether something is being written by this rank.
  package var isBusy: Bool { task?.isDone == false }

  /// Whether this rank could not write, which `finish` then tells all.
  package var hasFailed: Bool {
    if let task, task.isDone, case .failure = task.result { true } else { false }
  }

  /// Whether a checkpoint is whole, as far as this rank knows.
  package var hasCheckpoint: Bool {
    if let task, task.isDone, case .success = task.result { true } else { wasSaved }
  }

  /// Returns when everything is written, or throws why it cannot be.
  ///
  /// Collective.
  package func finish() throws(Failure) {
    let task = task
    self.task = nil
    _ = try communicator.result(of: task)
    if isSaving { (isSaving, wasSaved) = (false, true) }
  }

  /// The newest whole checkpoint that this rank knows of, nil where there is none.
  package var newest: String? {
    guard let directory, (try? directory.checkNotMoved()) != nil else { return nil }
    return (try? directory.latest()) ?? nil
  }

  /// Waits for what this rank is writing, whatever comes of it.
  package func wait() { task?.wait() }

  private func entries(_ history: RunHistory) -> CheckpointState {
    let configuration = experiment.configuration
    let place = experiment.course.place(ofStep: state.step)
    var entries = CheckpointState()
    entries.set("epoch", place.epoch)
    entries.set("position", place.position)
    for learner in experiment.learners where !learner.name.isEmpty {
      entries.set("\(learner.name)_steps", state.updates(of: learner.number))
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

  /// The metrics of the epoch so far, and of the validation that was due at this step.
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
