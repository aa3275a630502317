internal import Communication
package import Execution
internal import Graphs
internal import Kernels
package import Networks

/// Applies the constraints on weights after every update.
///
/// A row of weights may lie in two slices. So every rank constrains all weights after they are
/// gathered: each row is computed whole, in one order, with the same bits on all ranks.
@safe package final class WeightConstraints {
  private let weights: UnsafeMutablePointer<Float>
  private let bounds: [Bound]
  private let pool: WorkerPool

  /// A constrained parameter; it has a row for each output unit.
  package struct Bound {
    package let range: Range<Int>
    package let rows: Int
    package let constraint: WeightConstraint

    package init(range: Range<Int>, rows: Int, constraint: WeightConstraint) {
      self.range = range
      self.rows = rows
      self.constraint = constraint
    }
  }

  package init(_ bounds: [Bound], on weights: UnsafeMutablePointer<Float>, _ pool: WorkerPool) {
    self.bounds = bounds
    unsafe self.weights = weights
    self.pool = pool
  }

  /// The constraints of a network's parameters.
  convenience init(_ group: ParameterGroup, _ network: NetworkState, on pool: WorkerPool) {
    let bounds = zip(group.parameters, network.layout.tensors).compactMap { parameter, place in
      parameter.constraint.map {
        Bound(range: place.range, rows: parameter.shape[0], constraint: $0)
      }
    }
    unsafe self.init(bounds, on: network.weights, pool)
  }

  package func apply() {
    guard !bounds.isEmpty else { return }
    pool.run { [self] worker in apply(by: worker) }
  }

  private func apply(by worker: Int) {
    for bound in bounds {
      let size = bound.range.count / bound.rows
      for row in (0..<bound.rows).part(worker, of: pool.count) {
        let start = unsafe weights + bound.range.lowerBound + row * size
        unsafe bound.constraint.apply(
          to: start, size, norm: Reductions.sumOfSquares(start, size).squareRoot())
      }
    }
  }
}

extension WeightConstraint {
  /// Projects a row onto the constraint: a row that is too long keeps its direction.
  ///
  /// Only `maxNorm` reads `norm`.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    to row: UnsafeMutablePointer<Scalar>, _ count: Int, norm: @autoclosure () -> Double
  ) {
    switch self {
    case .maxNorm(let limit):
      let norm = norm()
      guard norm > limit else { return }
      let factor = Scalar(limit / norm)
      for i in 0..<count { unsafe row[i] *= factor }
    case .nonNegative:
      for i in 0..<count { unsafe row[i] = max(row[i], 0) }
    case .within(let limits):
      let (low, high) = (Scalar(limits.lowerBound), Scalar(limits.upperBound))
      for i in 0..<count { unsafe row[i] = min(max(row[i], low), high) }
    }
  }
}
