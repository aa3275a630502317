internal import Communication
internal import Diagnostics

/// This rank's share of a run: its workers, its shards, and the elements that it updates.
struct RunShare {
  let rank: Int
  let workers: Int
  let shards: Range<Int>
  /// The positions of its samples in a full batch.
  let places: Range<Int>
  /// One for each network.
  let reductions: [GradientReduction]

  init(_ compiled: CompiledExperiment, on communicator: Communicator, workers wanted: Int)
    throws(Failure)
  {
    let configuration = compiled.configuration
    let layout = configuration.layout
    rank = communicator.rank
    shards = (0..<layout.shards).part(communicator.rank, of: communicator.size)
    places = layout.places(of: shards, in: layout.batch)
    workers = max(1, min(wanted, shards.count))
    reductions = try compiled.parameterGroups.map { (group) throws(Failure) in
      try communicator.prepareReduction(
        elements: group.elements.count, shards: layout.shards, method: configuration.reduction)
    }
  }

  /// The elements of each network that this rank updates.
  var slices: [Range<Int>] { reductions.map(\.part) }
}
