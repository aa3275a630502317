import Execution
import Graphs
import Networks
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

  @Test(arguments: 1...3) func nothingIsOutsideItsLimits(_ workers: Int) throws {
    let after = try constrained([.within(-0.25...0.5), .within(0...0)], workers: workers)
    for i in after.indices {
      let limits = zip(Self.places, [-0.25...0.5, 0...0] as [ClosedRange<Float>])
        .first { $0.0.contains(i) }?.1
      let expected = limits.map { min(max(Self.start[i], $0.lowerBound), $0.upperBound) }
      #expect(after[i] == expected ?? Self.start[i])
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

  // MARK: In a run

  private static let constrained = Sample(
    batch: 64,
    model: """
      [{conv: {filters: 4, constraint: {max_norm: 0.9}}}, relu, {maxpool: 4}, flatten,
       {dense: {units: 6, constraint: non_negative}}, relu, {dense: 10}]
      """, optimizer: "{adam: 0.01}")

  /// A filter is a row; the layers without a constraint have free weights.
  @Test func layersAreHeldToTheirs() throws {
    try withTrainer(Self.constrained.experiment()) { trainer in
      #expect(
        trainer.experiment.network.parameters.map(\.constraint) == [
          .maxNorm(0.9), nil, .nonNegative, nil, nil, nil,
        ])
      let before = try #require(trainer.state.tensors["conv1/weight"]).elements
      var atLimit = 0
      for step in 1...3 {
        try trainer.train(to: step)
        let filters = try #require(trainer.state.tensors["conv1/weight"]).elements
        #expect(filters != before)
        for first in stride(from: 0, to: filters.count, by: 9) {
          let norm = filters[first..<first + 9].reduce(0) { $0 + $1 * $1 }.squareRoot()
          #expect(norm <= 0.9 * (1 + 1e-6))
          if norm > 0.9 * (1 - 1e-6) { atLimit += 1 }
        }
      }
      #expect(atLimit > 0)
      let tensors = trainer.state.tensors
      let dense = try #require(tensors["dense1/weight"]).elements
      #expect(dense.allSatisfy { $0 >= 0 } && dense.contains(0) && dense.contains { $0 > 0 })
      #expect(try #require(tensors["dense2/weight"]).elements.contains { $0 < 0 })
    }
  }

  @Test func workersDoNotChangeBits() throws {
    let experiment = try Self.constrained.experiment()
    let ends = try (1...3).map { workers in
      try withTrainer(experiment, workers: workers) { trainer in
        try trainer.train(to: 4)
        return StateBits(trainer.state)
      }
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test func whatIsFrozenIsNotHeld() throws {
    let sample = Sample(
      model: "[flatten, {dense: {units: 10, freeze: weight, constraint: {max_norm: 0.1}}}]")
    try withTrainer(sample.experiment()) { trainer in
      let before = trainer.state.tensors["dense1/weight"]
      try trainer.train(to: 2)
      #expect(trainer.state.tensors["dense1/weight"] == before)
    }
  }
}
