import Execution
import TestSupport
import Testing
import Training

@Suite struct WeightConstraintsTests {
  /// Two parameters of 5 rows of 7 and 9 rows of 33, with others before and between them.
  private static let places = [10..<45, 50..<50 + 9 * 33]

  private static let start: [Float] = {
    var random = XorShift(seed: 9)
    return (0..<400).map { _ in Float(random.number(in: -1...1)) }
  }()

  /// The weights after constraints on both parameters.
  private func constrained(
    _ constraints: [WeightConstraint], workers: Int, _ weights: [Float] = start
  ) throws -> [Float] {
    let pool = try WorkerPool(count: workers)
    defer { pool.stop() }
    var weights = weights
    let bounds = zip(zip(Self.places, [5, 9]), constraints).map { place, constraint in
      WeightConstraints.Bound(range: place.0, rows: place.1, constraint: constraint)
    }
    unsafe weights.withUnsafeMutableBufferPointer { weights in
      guard let start = weights.baseAddress else { return }
      unsafe WeightConstraints(bounds, on: start, pool).apply()
    }
    return weights
  }

  private func norm(_ row: ArraySlice<Float>) -> Double {
    row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  @Test(arguments: 1...3) func rowsAreNoLongerThanTheLimit(_ workers: Int) throws {
    let limits = [1.5, 3.2]
    let after = try constrained(limits.map { .maxNorm($0) }, workers: workers)
    var shortened = 0
    for ((place, size), limit) in zip(zip(Self.places, [7, 33]), limits) {
      for first in stride(from: place.lowerBound, to: place.upperBound, by: size) {
        let row = first..<first + size
        let length = norm(Self.start[row])
        if length > limit { shortened += 1 }
        for i in row {
          let expected = Double(Self.start[i]) * min(1, limit / length)
          #expect(isClose(Double(after[i]), expected, relative: length > limit ? 1e-6 : 0))
        }
      }
    }
    #expect(shortened > 3 && shortened < 14)
  }

  @Test(arguments: 1...3) func nothingIsBelowZero(_ workers: Int) throws {
    let after = try constrained([.nonNegative, .nonNegative], workers: workers)
    for i in after.indices {
      let isBound = Self.places.contains { $0.contains(i) }
      #expect(after[i] == (isBound ? max(Self.start[i], 0) : Self.start[i]))
    }
  }

  @Test func whatIsWithinItsBoundsKeepsItsBits() throws {
    #expect(try constrained([.maxNorm(100), .maxNorm(100)], workers: 2) == Self.start)
    #expect(try constrained([], workers: 2) == Self.start)
  }

  @Test func zerosStayZeros() throws {
    let zeros = [Float](repeating: 0, count: 400)
    #expect(try constrained([.maxNorm(0.1), .nonNegative], workers: 1, zeros) == zeros)
  }
}
