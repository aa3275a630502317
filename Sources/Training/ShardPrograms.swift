internal import Diagnostics
internal import Execution

/// One program, compiled for each number of samples that occurs.
struct ShardPrograms {
  let executables: [(samples: Int, executable: any Executable)]
  /// How many full shards are computed at once at most.
  let group: Int

  /// Sizes come with the most samples first; full shards are computed in groups of at most so many.
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

  /// How many shards a worker computes at once: while what they keep is small beside the weights,
  /// which are then read, and their gradients written, once for all.
  private static func group(
    _ executable: any Executable, most: Int, weights bytes: Int
  ) -> Int {
    var group = 1
    while 2 * group <= min(most, executable.maximumShards),
      executable.arenaByteCount(shards: 2 * group) <= ShardPrograms.share * bytes
    {
      group *= 2
    }
    return group
  }

  private static let share = 2

  /// Bytes of arena that a worker needs.
  var arenaByteCount: Int {
    executables.enumerated().map { number, program in
      program.executable.arenaByteCount(shards: number == 0 ? group : 1)
    }.max() ?? 0
  }

  var listing: String { executables.map(\.executable.listing).joined(separator: "\n\n") }
}
