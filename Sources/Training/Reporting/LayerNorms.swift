internal import Communication
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels
internal import Networks
internal import Reports
internal import RunFiles

/// The norms of the weights and of the gradient of each tensor, at the last step of an epoch.
///
/// Sums of squares are taken over pieces, cut where a tensor or a chunk of its network's vector
/// ends, and added in their order: the norms have the same bits on any number of ranks and workers.
@safe final class LayerNorms {
  /// Elements of one tensor, counted from the first weight of all networks.
  private struct Piece {
    let tensor: Int
    let range: Range<Int>
  }

  private let state: ModelState
  private let communicator: Communicator
  private let pool: WorkerPool
  private let parameters: [(name: String, isTrained: Bool)]
  private let pieces: [Piece]
  /// For each network the pieces of each rank's slice.
  private let slices: [[Range<Int>]]
  /// The first element of each network.
  private let starts: [Int]
  private let stepsPerEpoch: Int
  private let lastStep: Int
  private let cycleLength: Int
  /// A sum for each piece: those of the gradients, then those of the weights.
  private let sums: UnsafeMutablePointer<Double>
  /// What rank 0 copies for distributions, if they are asked for.
  private let copy: ParameterCopy?
  /// For each network the bytes of each rank's slice, where gradients are gathered.
  private let gathered: [[Range<Int>]]
  /// The time that gradients took.
  private(set) var seconds = 0.0
  /// What workers add up: the first element of a vector, and some of the pieces.
  private var vector: UnsafePointer<Float>
  private var work = 0..<0
  private var target = 0

  init(_ trainer: Trainer, communicator: Communicator, lastStep: Int) throws(Failure) {
    let experiment = trainer.experiment
    state = trainer.state
    pool = trainer.pool
    self.communicator = communicator
    self.lastStep = lastStep
    stepsPerEpoch = experiment.batches.stepsPerEpoch
    cycleLength = experiment.batches.cycle.length
    parameters = experiment.parameterGroups.flatMap(\.parameters).map {
      ($0.name, $0.role == .trained)
    }
    var (pieces, slices): ([Piece], [[Range<Int>]]) = ([], [])
    for group in experiment.parameterGroups {
      let first = pieces.count
      for (number, tensor) in experiment.layout.tensors.enumerated()
      where group.elements.contains(tensor.range.lowerBound) {
        pieces += Self.cuts(of: tensor.range, from: group.elements.lowerBound).map {
          Piece(tensor: number, range: $0)
        }
      }
      let own = first..<pieces.count
      slices.append(
        VectorPartition.ranges(elements: group.elements.count, ranks: communicator.size).map {
          slice in
          let elements =
            group.elements.lowerBound + slice.lowerBound..<group.elements.lowerBound
            + slice.upperBound
          let places = own.filter { elements.contains(pieces[$0].range.lowerBound) }
          guard let first = places.first, let last = places.last else { return own.prefix(0) }
          return first..<last + 1
        })
    }
    self.pieces = pieces
    self.slices = slices
    starts = experiment.parameterGroups.map(\.elements.lowerBound)
    let copies = experiment.configuration.schedule.writesEvents
    copy =
      try copies && communicator.rank == 0 ? ParameterCopy(experiment.layout) : nil
    gathered =
      copies
      ? experiment.parameterGroups.map { group in
        VectorPartition.ranges(elements: group.elements.count, ranks: communicator.size).map {
          4 * $0.lowerBound..<4 * $0.upperBound
        }
      } : []
    unsafe sums = .allocate(capacity: max(1, 2 * pieces.count))
    unsafe sums.initialize(repeating: 0, count: max(1, 2 * pieces.count))
    unsafe vector = state.weights
  }

  deinit { unsafe sums.deallocate() }

  /// The parts of a tensor in the chunks of a vector that begins at `start`.
  private static func cuts(of range: Range<Int>, from start: Int) -> [Range<Int>] {
    var cuts: [Range<Int>] = []
    var place = range.lowerBound
    while place < range.upperBound {
      let chunk = (place - start) / VectorPartition.chunk
      let end = min(range.upperBound, start + (chunk + 1) * VectorPartition.chunk)
      cuts.append(place..<end)
      place = end
    }
    return cuts
  }

  /// Whether it takes the gradient of the step after `step`: the last one of each network in an
  /// epoch, or in the run.
  func isDue(after step: Int) -> Bool {
    stepsPerEpoch - step % stepsPerEpoch <= cycleLength || lastStep - step <= cycleLength
  }

  /// Takes the gradient of a network before its update; only this rank's slice is read.
  ///
  /// Collective.
  func record(gradient: UnsafePointer<Float>, of network: Int) throws(Failure) {
    let start = monotonicSeconds()
    defer { seconds += monotonicSeconds() - start }
    unsafe addUp(slices[network][communicator.rank], of: gradient - starts[network], from: 0)
    guard !gathered.isEmpty else { return }
    let ranges = gathered[network]
    let own = ranges[communicator.rank]
    let source = unsafe UnsafeRawPointer(gradient) + own.lowerBound
    copy?.waitUntilFree()
    let target = unsafe copy.map { unsafe UnsafeMutableRawPointer($0.gradient + starts[network]) }
    unsafe target.map { unsafe $0 + own.lowerBound }?
      .copyMemory(from: source, byteCount: own.count)
    try unsafe communicator.gather(source, into: target, ranges: ranges)
  }

  /// The copy with the weights of now, which its user releases; nil if none is asked for.
  func takeCopy() -> ParameterCopy? {
    unsafe copy?.take(state.weights, on: pool)
    return copy
  }

  /// The tensors after the last step: those of rank 0, empty on other ranks.
  ///
  /// Collective.
  func tensors() throws(Failure) -> [LayersLine.Tensor] {
    for slices in slices {
      let own = unsafe sums + slices[communicator.rank].lowerBound
      try unsafe communicator.gather(
        own, into: communicator.rank == 0 ? sums : nil,
        ranges: slices.map { 8 * $0.lowerBound..<8 * $0.upperBound })
    }
    guard communicator.rank == 0 else { return [] }
    unsafe addUp(pieces.indices, of: state.weights, from: pieces.count)
    var squares = parameters.map { _ in (gradient: 0.0, weights: 0.0) }
    for (place, piece) in pieces.enumerated() {
      unsafe squares[piece.tensor].gradient += sums[place]
      unsafe squares[piece.tensor].weights += sums[pieces.count + place]
    }
    return zip(parameters, squares).map { parameter, squares in
      LayersLine.Tensor(
        name: parameter.name, weights: squares.weights.squareRoot(),
        gradient: parameter.isTrained ? squares.gradient.squareRoot() : nil)
    }
  }

  /// Computes the sums of some pieces of a vector; `first` is the place of the first of all sums.
  private func addUp(_ pieces: Range<Int>, of vector: UnsafePointer<Float>, from first: Int) {
    unsafe self.vector = vector
    (work, target) = (pieces, first)
    pool.run { [self] worker in
      for place in work.part(worker, of: pool.count) {
        let range = self.pieces[place].range
        unsafe sums[target + place] = Reductions.sumOfSquares(
          self.vector + range.lowerBound, range.count)
      }
    }
  }
}
