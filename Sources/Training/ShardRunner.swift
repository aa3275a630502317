internal import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels

/// One program compiled for each number of samples that occurs, with a session for each worker.
final class ShardRunner {
  private let executables: [(samples: Int, executable: any Executable)]
  private var sessions: [[any Session]] = []
  let task: any ShardTask
  private var timelines: [Timeline] = []

  init(
    _ task: any ShardTask, sizes: [Int], compile: (Int) throws(Failure) -> any Executable
  ) throws(Failure) {
    self.task = task
    var executables: [(samples: Int, executable: any Executable)] = []
    for size in sizes { executables.append((size, try compile(size))) }
    self.executables = executables
  }

  /// Bytes of arena that a worker needs.
  var arenaByteCount: Int { executables.map(\.executable.arenaByteCount).max() ?? 0 }
  var sharedByteCount: Int { executables.reduce(0) { $0 + $1.executable.sharedByteCount } }
  var listing: String { executables.map(\.executable.listing).joined(separator: "\n\n") }

  func makeSessions(in arenas: [Arena]) throws(Failure) {
    for arena in arenas {
      var row: [any Session] = []
      for (_, executable) in executables { row.append(try executable.makeSession(in: arena)) }
      sessions.append(row)
    }
  }

  /// Has all times noted from now on, or no longer.
  func observe(_ recording: Recording?) {
    timelines = recording?.workers ?? []
    for (_, executable) in executables { executable.observe(recording?.refreshment) }
    for (worker, row) in sessions.enumerated() {
      for session in row { session.observe(timelines.isEmpty ? nil : timelines[worker]) }
    }
  }

  /// Follows a change of the weights that are trained, and also of `others` that are read.
  func refresh(others: Bool) {
    for (_, executable) in executables { executable.refresh(others: others) }
  }

  /// Runs a full shard of samples that `fill` writes, and returns what its steps wrote.
  func digests(
    gradient: UnsafeMutablePointer<Float>, random: RandomPosition,
    filling fill: (any Session, _ samples: Int) -> Void
  ) -> [ResultDigest] {
    fill(sessions[0][0], executables[0].samples)
    return unsafe sessions[0][0].digests(random, gradient: gradient)
  }

  /// Runs one shard, some places of the batch that was loaded, on a worker and returns its sums.
  ///
  /// The class that is found for each sample is noted where `found` points.
  func run(
    _ places: Range<Int>, on worker: Int, scale: Float, random: RandomPosition,
    gradient: UnsafeMutablePointer<Float>?, adding: Bool = false,
    found: UnsafeMutablePointer<Int32>? = nil
  ) -> ShardSums {
    let count = places.count
    guard let program = executables.firstIndex(where: { $0.samples == count }) else {
      preconditionFailure("no program was compiled for \(count) samples")
    }
    let session = sessions[worker][program]
    let timeline = timelines.isEmpty ? nil : timelines[worker]
    timeline?.begin()
    task.write(places, to: session, random)
    unsafe session.input("scale")?.storeBytes(of: scale, as: Float.self)
    timeline?.lap(.batch)
    unsafe session.run(random, gradient: gradient, adding: adding)
    timeline?.begin()
    defer { timeline?.lap(.figures) }
    return unsafe task.sums(of: session, samples: count, found: found)
  }
}
