internal import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels
internal import Reports

/// Runs the programs of shards, with sessions for each worker.
final class ShardRunner {
  private let executables: [(samples: Int, executable: any Executable)]
  /// For each worker: one for each program.
  private var sessions: [[any Session]] = []
  /// For each worker: of the first program, one for two full shards at once, one for four, and so on.
  private var groups: [[any Session]] = []
  /// For each worker.
  private var records: [Record] = []
  /// How many full shards are computed at once at most.
  let group: Int
  let task: any ShardTask
  private var timelines: [Timeline] = []
  private var packingTimelines: [Timeline] = []

  init(_ task: any ShardTask, _ programs: ShardPrograms) {
    self.task = task
    executables = programs.executables
    group = programs.group
  }

  func makeSessions(in arenas: [Arena]) throws(Failure) {
    for arena in arenas {
      var row: [any Session] = []
      for (_, executable) in executables { row.append(try executable.makeSession(in: arena)) }
      sessions.append(row)
      row = []
      for (samples, executable) in executables.prefix(1) {
        var shards = 2
        while shards <= group {
          row.append(try executable.makeSession(in: arena, shards: shards, of: samples))
          shards *= 2
        }
      }
      groups.append(row)
      records.append(Record(Metrics(task.metrics)))
    }
  }

  /// What a worker adds a shard up in.
  private final class Record {
    var metrics: Metrics

    init(_ metrics: Metrics) { self.metrics = metrics }
  }

  /// Has all times noted from now on, or no longer.
  func observe(_ recording: Recording?) {
    timelines = recording?.workers ?? []
    packingTimelines = recording?.packing ?? []
    for (worker, row) in zip(sessions, groups).map(+).enumerated() {
      for session in row { session.record(to: timelines.isEmpty ? nil : timelines[worker]) }
    }
  }

  /// Packs the weights that have changed and that programs for some numbers of samples read.
  func packWeights(on pool: WorkerPool, where isNeeded: (_ samples: Int) -> Bool = { _ in true }) {
    for (samples, executable) in executables where isNeeded(samples) {
      executable.packWeights(on: pool, timelines: packingTimelines)
    }
  }

  /// Runs a full shard of samples that `fill` writes, and returns what its steps wrote.
  func digests(
    gradient: UnsafeMutablePointer<Float>, random: RandomPosition,
    filling fill: (any Bindings, _ samples: Int) -> Void
  ) -> [ResultDigest] {
    fill(sessions[0][0].shards[0], executables[0].samples)
    return unsafe sessions[0][0].digests(random, gradient: gradient)
  }

  /// Runs some shards, one after the other in the batch that was loaded, on a worker and hands over
  /// the record of each.
  ///
  /// How often each class was taken for each is counted where `confusion` points.
  func run(
    _ places: Range<Int>, shards count: Int = 1, on worker: Int, scale: BatchScale,
    random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool = false,
    confusion: UnsafeMutablePointer<Int>? = nil, scored: (_ shard: Int, Metrics) -> Void
  ) {
    let samples = places.count / count
    let session = session(of: worker, shards: count, samples: samples)
    let timeline = timelines.isEmpty ? nil : timelines[worker]
    timeline?.begin()
    for (shard, bindings) in session.shards.enumerated() {
      let first = places.lowerBound + shard * samples
      task.write(first..<first + samples, to: bindings, random)
      scale.write(to: bindings)
    }
    timeline?.lap(.batch, shards: count)
    unsafe session.run(random, gradient: gradient, adding: adding)
    timeline?.begin()
    let record = records[worker]
    for (shard, bindings) in session.shards.enumerated() {
      record.metrics.reset()
      unsafe task.score(bindings, samples: samples, confusion: confusion, into: &record.metrics)
      scored(shard, record.metrics)
    }
    timeline?.lap(.figures, shards: count)
  }

  private func session(of worker: Int, shards: Int, samples: Int) -> any Session {
    guard shards == 1 else { return groups[worker][shards.trailingZeroBitCount - 1] }
    guard let program = executables.firstIndex(where: { $0.samples == samples }) else {
      preconditionFailure("no program was compiled for \(samples) samples")
    }
    return sessions[worker][program]
  }
}
