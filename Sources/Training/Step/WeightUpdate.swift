internal import Communication
package import Execution
internal import Graphs
internal import Networks
internal import Optimizers

/// Updates this rank's slice of the weights by the sum of all gradients.
///
/// Workers share the chunks of the slice. A chunk stays in the cache from clipping to update, and
/// it is cut where the kind of update changes. Elements do not depend on each other.
///
/// Closures capture only `self`, so that a step allocates nothing.
@safe package final class WeightUpdate {
  private let state: ModelState
  private let network: NetworkState
  private let pool: WorkerPool
  private let control: StepExchange
  private let group: ParameterGroup
  private let rule: UpdateRule
  private let moments: [UnsafeMutablePointer<Float>]
  private let chunks: [[Piece]]
  /// Begins at the slice's first element, like the gradient.
  private let weights: UnsafeMutablePointer<Float>
  private var gradient: UnsafeMutablePointer<Float>
  private var norm = 0.0
  private var step: OptimizerStep?

  private struct Piece {
    /// Elements of the slice.
    var range: Range<Int>
    let updateKind: UpdateKind
  }

  package init(
    _ group: ParameterGroup, of configuration: RunConfiguration, _ state: ModelState,
    _ control: StepExchange, on pool: WorkerPool
  ) {
    let network = state.networks[group.number]
    self.group = group
    self.state = state
    self.network = network
    self.control = control
    self.pool = pool
    unsafe weights = network.weights + network.slice.lowerBound
    unsafe gradient = weights
    rule = UpdateRule(group, of: configuration)
    unsafe moments = network.moments.compactMap(\.values.baseAddress)
    chunks = WeightUpdate.pieces(
      of: network.slice,
      zip(group.parameters, network.layout.tensors).map { ($0.updateKind, $1.range) })
  }

  /// The pieces of each chunk of a slice.
  private static func pieces(
    of slice: Range<Int>, _ parameters: [(updateKind: UpdateKind, range: Range<Int>)]
  ) -> [[Piece]] {
    var chunks = [[Piece]](
      repeating: [], count: (slice.count + VectorPartition.chunk - 1) / VectorPartition.chunk)
    for (updateKind, range) in parameters {
      let own = range.clamped(to: slice)
      var place = own.lowerBound - slice.lowerBound
      let end = own.upperBound - slice.lowerBound
      while place < end {
        let chunk = place / VectorPartition.chunk
        let part = place..<min(end, (chunk + 1) * VectorPartition.chunk)
        if let last = chunks[chunk].last, last.updateKind == updateKind {
          chunks[chunk][chunks[chunk].count - 1].range = last.range.lowerBound..<part.upperBound
        } else {
          chunks[chunk].append(Piece(range: part, updateKind: updateKind))
        }
        place = part.upperBound
      }
    }
    return chunks
  }

  /// Adds the penalty's derivative to the gradient in the slice, and records each chunk's penalty.
  package func penalise(_ gradient: UnsafeMutablePointer<Float>) {
    guard rule.isPenalised else { return }
    unsafe self.gradient = gradient + network.slice.lowerBound
    pool.run { [self] worker in
      for chunk in chunks.indices.part(worker, of: pool.count) {
        var sum = 0.0
        for piece in chunks[chunk] {
          sum += unsafe rule.penalise(
            piece.range, piece.updateKind, of: weights, gradient: self.gradient)
        }
        control.record(penalty: sum, chunk: chunk)
      }
    }
  }

  /// Updates the weights and moments of the slice; overwrites the gradient.
  ///
  /// `norm` is that of the gradient of all trained parameters.
  package func apply(_ gradient: UnsafeMutablePointer<Float>, norm: Double) {
    unsafe self.gradient = gradient + network.slice.lowerBound
    self.norm = norm
    step = rule.step(afterUpdates: state.updates(of: group.number), steps: state.step)
    pool.run { [self] worker in
      guard let step else { return }
      for chunk in chunks.indices.part(worker, of: pool.count) {
        for piece in chunks[chunk] {
          unsafe rule.apply(
            step, norm: self.norm, to: piece.range, piece.updateKind, of: weights,
            gradient: self.gradient, moments: moments)
        }
      }
    }
  }
}
