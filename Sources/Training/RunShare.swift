internal import Communication
internal import Diagnostics

/// This rank's share of a run: its workers, its shards and the elements that it updates.
struct RunShare {
  let rank: Int
  let workers: Int
  let shards: Range<Int>
  /// For each network.
  let reductions: [GradientReduction]

  init(_ design: Design, on communicator: Communicator, workers wanted: Int) throws(Failure) {
    let configuration = design.configuration
    let layout = configuration.layout
    rank = communicator.rank
    shards = (0..<layout.shards).part(communicator.rank, of: communicator.size)
    workers = max(1, min(wanted, shards.count))
    var reductions: [GradientReduction] = []
    for learner in design.learners {
      reductions.append(
        try communicator.prepareReduction(
          elements: learner.elements.count, shards: layout.shards, method: configuration.reduction))
    }
    self.reductions = reductions
  }

  /// For each network, the elements that this rank updates.
  var slices: [Range<Int>] { reductions.map(\.part) }
}
