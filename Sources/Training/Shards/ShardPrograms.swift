internal import Diagnostics
internal import Execution

/// A program, compiled for each shard size of a run.
struct ShardPrograms {
  let executables: [(samples: Int, executable: any Executable)]
  /// The most full shards that a worker computes at once.
  let shardsAtOnce: Int

  /// Compiles a program for each of `sizes`, the largest first.
  ///
  /// At most `most` full shards are computed at once; `weights` is the size of the weights in
  /// bytes.
  init(
    sizes: [Int], shardsAtOnce most: Int = 1, weights: Int = 0,
    compile: (Int) throws(Failure) -> any Executable
  ) throws(Failure) {
    executables = try sizes.map { (size) throws(Failure) in
      (samples: size, executable: try compile(size))
    }
    shardsAtOnce =
      executables.first.map {
        ShardPrograms.shardsAtOnce($0.executable, most: most, weights: weights)
      }
      ?? 1
  }

  /// The greatest power of two for which the arena is at most `share` times the size of the
  /// weights, or what loops read of them, and at most `loopLimit`.
  ///
  /// The more shards at once, the less often weights are read and gradients written.
  private static func shardsAtOnce(
    _ executable: any Executable, most: Int, weights bytes: Int
  ) -> Int {
    let limit = max(
      ShardPrograms.share * bytes, min(executable.loopWeightBytes, ShardPrograms.loopLimit))
    var shardsAtOnce = 1
    while 2 * shardsAtOnce <= min(most, executable.maximumShards),
      executable.arenaByteCount(shards: 2 * shardsAtOnce) <= limit
    {
      shardsAtOnce *= 2
    }
    return shardsAtOnce
  }

  private static let share = 2
  private static let loopLimit = 256 << 20

  /// The bytes of a worker's arena.
  var arenaByteCount: Int {
    executables.enumerated().map { number, program in
      program.executable.arenaByteCount(shards: number == 0 ? shardsAtOnce : 1)
    }.max() ?? 0
  }

  /// A session of each program; they take turns in the arena.
  func makeSessions(in arena: Arena) throws(Failure) -> [any Session] {
    try executables.map { (_, executable) throws(Failure) in try executable.makeSession(in: arena) }
  }

  var listing: String { executables.map(\.executable.listing).joined(separator: "\n\n") }
}
