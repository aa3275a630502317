internal import Communication
package import Execution
internal import Graphs
internal import Networks
internal import Optimizers

/// What a step does to this rank's slice of the weights once all gradients are added.
///
/// The slice is cut at the edges of chunks, and where elements begin to be treated otherwise. Chunk
/// after chunk stays in the cache while all that is to be done to it is done, by any worker: the
/// elements do not depend on each other.
///
/// What a step needs is held here and not in closures, so that a step allocates nothing.
@safe package final class WeightUpdate {
  private let state: ModelState
  private let network: NetworkState
  private let pool: WorkerPool
  private let control: StepControl
  private let learner: Learner
  private let rule: UpdateRule
  private let moments: [UnsafeMutablePointer<Float>]
  private let chunks: [[Piece]]
  /// From the slice's first element on.
  private let weights: UnsafeMutablePointer<Float>
  private var gradient: UnsafeMutablePointer<Float>
  private var norm = 0.0
  private var step: Optimizer.Step?

  private struct Piece {
    /// Counted from the start of the slice.
    var range: Range<Int>
    let treatment: Treatment
  }

  package init(
    _ learner: Learner, of configuration: RunConfiguration, _ state: ModelState,
    _ control: StepControl, on pool: WorkerPool
  ) {
    let network = state.networks[learner.number]
    self.learner = learner
    self.state = state
    self.network = network
    self.control = control
    self.pool = pool
    unsafe weights = network.weights + network.slice.lowerBound
    unsafe gradient = weights
    rule = UpdateRule(learner, of: configuration)
    unsafe moments = network.moments.compactMap(\.values.baseAddress)
    chunks = WeightUpdate.pieces(
      of: network.slice,
      zip(learner.parameters, network.layout.tensors).map { ($0.treatment, $1.range) })
  }

  /// The pieces of each chunk of a slice.
  private static func pieces(
    of slice: Range<Int>, _ parameters: [(treatment: Treatment, range: Range<Int>)]
  ) -> [[Piece]] {
    var chunks = [[Piece]](
      repeating: [], count: (slice.count + VectorPartition.chunk - 1) / VectorPartition.chunk)
    for (treatment, range) in parameters {
      let own = range.clamped(to: slice)
      var place = own.lowerBound - slice.lowerBound
      let end = own.upperBound - slice.lowerBound
      while place < end {
        let chunk = place / VectorPartition.chunk
        let part = place..<min(end, (chunk + 1) * VectorPartition.chunk)
        if let last = chunks[chunk].last, last.treatment == treatment {
          chunks[chunk][chunks[chunk].count - 1].range = last.range.lowerBound..<part.upperBound
        } else {
          chunks[chunk].append(Piece(range: part, treatment: treatment))
        }
        place = part.upperBound
      }
    }
    return chunks
  }

  /// Adds the derivative of the penalty to the sum of all gradients, within the slice, and notes
  /// what each chunk adds to the loss.
  package func penalise(_ gradient: UnsafeMutablePointer<Float>) {
    guard rule.isPenalised else { return }
    unsafe self.gradient = gradient + network.slice.lowerBound
    pool.run { [self] worker in penaliseChunks(of: worker) }
  }

  private func penaliseChunks(of worker: Int) {
    for chunk in chunks.indices.part(worker, of: pool.count) {
      var sum = 0.0
      for piece in chunks[chunk] {
        sum += unsafe rule.penalise(piece.range, piece.treatment, of: weights, gradient: gradient)
      }
      control.record(penalty: sum, chunk: chunk)
    }
  }

  /// Changes the weights and moments of the slice by a gradient, which serves as work space.
  ///
  /// The norm is that over all trained parameters.
  package func apply(_ gradient: UnsafeMutablePointer<Float>, norm: Double) {
    unsafe self.gradient = gradient + network.slice.lowerBound
    self.norm = norm
    step = rule.step(afterUpdates: state.updates(of: learner.number), steps: state.step)
    pool.run { [self] worker in applyChunks(of: worker) }
  }

  private func applyChunks(of worker: Int) {
    guard let step else { return }
    for chunk in chunks.indices.part(worker, of: pool.count) {
      for piece in chunks[chunk] {
        unsafe rule.apply(
          step, norm: norm, to: piece.range, piece.treatment, of: weights, gradient: gradient,
          moments: moments)
      }
    }
  }
}
