internal import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels
internal import Reports

/// Runs the programs of shards; each worker has its own sessions.
final class ShardRunner {
  private let programs: ShardPrograms
  /// A session for each worker and program.
  private var sessions: [[any Session]] = []
  /// The sessions of each worker for two, four and more full shards at once.
  private var groups: [[any Session]] = []
  /// The metrics of the shard that each worker computes; classes, so that workers share no memory.
  private var records: [Record] = []
  let task: any ShardTask
  /// The states between batches, if layers carry them.
  private let carried: CarriedRows?
  private var timelines: [Timeline] = []
  private var packingTimelines: [Timeline] = []

  init(_ task: any ShardTask, _ programs: ShardPrograms, carrying carried: CarriedRows? = nil) {
    self.task = task
    self.carried = carried
    self.programs = programs
  }

  private var executables: [(samples: Int, executable: any Executable)] { programs.executables }
  /// The most full shards that a worker computes at once.
  var shardsAtOnce: Int { programs.shardsAtOnce }

  func makeSessions(in arenas: [Arena]) throws(Failure) {
    for arena in arenas {
      sessions.append(try programs.makeSessions(in: arena))
      var row: [any Session] = []
      for (samples, executable) in executables.prefix(1) {
        var shards = 2
        while shards <= shardsAtOnce {
          row.append(try executable.makeSession(in: arena, shards: shards, of: samples))
          shards *= 2
        }
      }
      groups.append(row)
      records.append(Record(Metrics(task.metrics)))
    }
  }

  private final class Record {
    var metrics: Metrics

    init(_ metrics: Metrics) { self.metrics = metrics }
  }

  /// Sets the recording that workers write their times to; nil ends it.
  func record(_ recording: Recording?) {
    timelines = recording?.workers ?? []
    packingTimelines = recording?.packing ?? []
    for (worker, row) in zip(sessions, groups).map(+).enumerated() {
      for session in row { session.record(to: timelines.isEmpty ? nil : timelines[worker]) }
    }
  }

  /// Packs the changed weights that the programs of the needed sizes read.
  func packWeights(on pool: WorkerPool, where isNeeded: (_ samples: Int) -> Bool = { _ in true }) {
    for (samples, executable) in executables where isNeeded(samples) {
      executable.packWeights(on: pool, timelines: packingTimelines)
    }
  }

  /// Runs a full shard on inputs that `fill` writes, and returns the digest of each result.
  func digests(
    gradient: UnsafeMutablePointer<Float>, random: RandomPosition,
    filling fill: (any Bindings, _ samples: Int) -> Void
  ) -> [ResultDigest] {
    fill(sessions[0][0].shards[0], executables[0].samples)
    return unsafe sessions[0][0].digests(random, gradient: gradient)
  }

  /// Runs `count` consecutive shards of the loaded batch on a worker.
  ///
  /// `places` are the positions of their samples. With `adding`, the gradient is added to the
  /// vector, which is overwritten otherwise. Predictions are counted in the matrix `confusion`,
  /// which has a row for each class of the targets, kept in `kept`, and shown to `findings`.
  /// `scored` receives the metrics of each shard. Carried states are those of the rows from `row`
  /// on, unless the samples are the first ones.
  func run(
    _ places: Range<Int>, shards count: Int = 1, on worker: Int, row: Int, areFirst: Bool,
    scale: BatchScale,
    random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool = false,
    confusion: UnsafeMutablePointer<Int>? = nil, kept: AnswerMemory? = nil,
    findings: SampleFindings? = nil,
    scored: (_ shard: Int, Metrics) -> Void
  ) {
    let samples = places.count / count
    let session = session(of: worker, shards: count, samples: samples)
    func rows(_ shard: Int) -> Range<Int> {
      row + shard * samples..<row + (shard + 1) * samples
    }
    let timeline = timelines.isEmpty ? nil : timelines[worker]
    timeline?.begin()
    func own(_ shard: Int) -> Range<Int> {
      let first = places.lowerBound + shard * samples
      return first..<first + samples
    }
    for (shard, bindings) in session.shards.enumerated() {
      task.write(own(shard), to: bindings, random)
      carried?.write(rows(shard), areFirst: areFirst, to: bindings)
      scale.write(to: bindings)
    }
    timeline?.lap(.batch, shards: count)
    unsafe session.run(random, gradient: gradient, adding: adding)
    timeline?.begin()
    let record = records[worker]
    for (shard, bindings) in session.shards.enumerated() {
      carried?.read(rows(shard), from: bindings)
      record.metrics.reset()
      unsafe task.score(
        bindings, at: own(shard), confusion: confusion, kept: kept, findings: findings,
        into: &record.metrics)
      scored(shard, record.metrics)
    }
    timeline?.lap(.metrics, shards: count)
  }

  private func session(of worker: Int, shards: Int, samples: Int) -> any Session {
    guard shards == 1 else { return groups[worker][shards.trailingZeroBitCount - 1] }
    guard let program = executables.firstIndex(where: { $0.samples == samples }) else {
      preconditionFailure("no program was compiled for \(samples) samples")
    }
    return sessions[worker][program]
  }
}
