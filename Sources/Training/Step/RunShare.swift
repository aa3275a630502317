internal import Communication
internal import Diagnostics

/// A rank's share of a run: its workers, its shards, and the elements that it updates.
struct RunShare {
  let rank: Int
  let workers: Int
  let shards: Range<Int>
  /// The positions of its samples in a full batch.
  let places: Range<Int>
  /// The elements of each network that the rank updates.
  let slices: [Range<Int>]

  init(
    _ compiled: CompiledExperiment, on communicator: Communicator, workers: Int
  ) throws(Failure) {
    try communicator.requireShards(compiled.configuration.layout.shards)
    self.init(compiled, rank: communicator.rank, of: communicator.size, workers: workers)
  }

  init(_ compiled: CompiledExperiment, rank: Int, of ranks: Int, workers wanted: Int) {
    let layout = compiled.configuration.layout
    self.rank = rank
    shards = (0..<layout.shards).part(rank, of: ranks)
    places = layout.places(of: shards, in: layout.batch)
    workers = max(1, min(wanted, shards.count))
    slices = compiled.parameterGroups.map {
      VectorPartition.parts(elements: $0.elements.count, ranks: ranks)[rank]
    }
  }
}
