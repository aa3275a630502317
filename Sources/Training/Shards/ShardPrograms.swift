internal import Diagnostics
internal import Execution

/// A program, compiled for each shard size of a run.
struct ShardPrograms {
  let executables: [(samples: Int, executable: any Executable)]
  /// The most full shards that a worker computes at once.
  let group: Int

  /// - Parameters:
  ///   - sizes: The numbers of samples, the largest first.
  ///   - most: The most full shards that may be computed at once.
  ///   - weights: The bytes of the weights.
  init(
    sizes: [Int], group most: Int = 1, weights: Int = 0,
    compile: (Int) throws(Failure) -> any Executable
  ) throws(Failure) {
    var executables: [(samples: Int, executable: any Executable)] = []
    for size in sizes { executables.append((size, try compile(size))) }
    self.executables = executables
    group =
      executables.first.map { ShardPrograms.group($0.executable, most: most, weights: weights) }
      ?? 1
  }

  /// Doubles the group while its arena is at most `share` times the size of the weights.
  ///
  /// A larger group reads the weights and writes their gradients less often.
  private static func group(
    _ executable: any Executable, most: Int, weights bytes: Int
  ) -> Int {
    var group = 1
    while 2 * group <= min(most, executable.mostShards),
      executable.arenaByteCount(shards: 2 * group) <= ShardPrograms.share * bytes
    {
      group *= 2
    }
    return group
  }

  private static let share = 2

  /// The bytes of a worker's arena.
  var arenaByteCount: Int {
    executables.enumerated().map { number, program in
      program.executable.arenaByteCount(shards: number == 0 ? group : 1)
    }.max() ?? 0
  }

  /// A session of each program; they take turns in the arena.
  func makeSessions(in arena: Arena) throws(Failure) -> [any Session] {
    try executables.map { (_, executable) throws(Failure) in try executable.makeSession(in: arena) }
  }

  var listing: String { executables.map(\.executable.listing).joined(separator: "\n\n") }
}
