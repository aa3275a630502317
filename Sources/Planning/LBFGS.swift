/// Minimisation of a smooth function by limited-memory BFGS (Nocedal 1980).
package enum LBFGS {
  /// A point with unused elements at 0.
  package typealias Vector = SIMD8<Double>

  package struct Minimum {
    package let point: Vector
    package let value: Double
  }

  /// The pairs of steps and changes of the gradient that are kept.
  private static let memory = 10

  /// Descends from `start` until no element of the gradient exceeds `tolerance`, or no step
  /// decreases the value.
  package static func minimise(
    from start: Vector, iterations: Int, tolerance: Double,
    _ function: (Vector) -> (value: Double, gradient: Vector)
  ) -> Minimum {
    var point = start
    var (value, gradient) = function(start)
    var pairs: [(step: Vector, change: Vector)] = []
    for _ in 0..<iterations where gradient.largest > tolerance {
      var direction = -1 * product(pairs, gradient)
      if !(dot(direction, gradient) < 0) {
        pairs = []
        direction = -1 * gradient
      }
      let scale = pairs.isEmpty ? min(1, 1 / gradient.largest) : 1
      guard
        let found = step(from: point, value, gradient, along: direction, first: scale, function)
      else { break }
      let pair = (step: found.point - point, change: found.gradient - gradient)
      if dot(pair.step, pair.change) > 0 { pairs = pairs.suffix(memory - 1) + [pair] }
      (point, value, gradient) = (found.point, found.value, found.gradient)
    }
    return Minimum(point: point, value: value)
  }

  /// The product of the approximate inverse Hessian and the gradient: the two loops of Nocedal.
  private static func product(
    _ pairs: [(step: Vector, change: Vector)], _ gradient: Vector
  ) -> Vector {
    guard let last = pairs.last else { return gradient }
    var result = gradient
    var shares = [Double](repeating: 0, count: pairs.count)
    for (i, pair) in pairs.enumerated().reversed() {
      shares[i] = dot(pair.step, result) / dot(pair.step, pair.change)
      result -= shares[i] * pair.change
    }
    result *= dot(last.step, last.change) / dot(last.change, last.change)
    for (i, pair) in pairs.enumerated() {
      let share = dot(pair.change, result) / dot(pair.step, pair.change)
      result += (shares[i] - share) * pair.step
    }
    return result
  }

  /// Finds a step that satisfies the weak conditions of Wolfe by doubling and bisection (Lewis and
  /// Overton 2013); nil if the value decreases no more.
  private static func step(
    from point: Vector, _ value: Double, _ gradient: Vector, along direction: Vector,
    first: Double, _ function: (Vector) -> (value: Double, gradient: Vector)
  ) -> (point: Vector, value: Double, gradient: Vector)? {
    let slope = dot(gradient, direction)
    var (lower, upper, size) = (0.0, Double.infinity, first)
    var best: (point: Vector, value: Double, gradient: Vector)?
    for _ in 0..<60 {
      let next = point + size * direction
      let found = function(next)
      if !(found.value <= value + 1e-4 * size * slope) {
        upper = size
      } else {
        if found.value < value { best = (next, found.value, found.gradient) }
        if dot(found.gradient, direction) >= 0.9 * slope { return best }
        lower = size
      }
      size = upper.isFinite ? (lower + upper) / 2 : 2 * lower
    }
    return best
  }

  private static func dot(_ a: Vector, _ b: Vector) -> Double { (a * b).sum() }
}

extension LBFGS.Vector {
  /// The greatest magnitude of an element; infinite if one is not a number.
  fileprivate var largest: Double {
    indices.reduce(0) { self[$1].isNaN ? .infinity : Swift.max($0, abs(self[$1])) }
  }
}
