import Kernels
import TestSupport
import Testing

@Suite struct ReductionsTests {
  @Test(arguments: [0, 1, 2, 15, 16, 17, 31, 32, 100, 4095, 4096])
  func sumsHaveOneOrderAtAnyAddress(count: Int) {
    var generator = XorShift(seed: 21)
    let x = generator.floats(count)
    let sums = (0..<16).map { shift in
      unsafe Reductions.sum(Buffer(x, shift: shift).start, count).bitPattern
    }
    #expect(Set(sums).count == 1)
    // Sixteen running sums, added up as a balanced tree.
    var lanes = (0..<16).map { lane in
      stride(from: lane, to: count, by: 16).reduce(Float(0)) { $0 + x[$1] }
    }
    while lanes.count > 1 {
      lanes = (0..<lanes.count / 2).map { lanes[$0] + lanes[$0 + lanes.count / 2] }
    }
    #expect(sums[0] == lanes[0].bitPattern)
    let squares = (0..<16).map { shift in
      unsafe Reductions.sumOfSquares(Buffer(x, shift: shift).start, count).bitPattern
    }
    #expect(Set(squares).count == 1)

    let magnitude = x.reduce(0.0) { $0 + abs(Double($1)) }
    let exact = x.reduce(0.0) { $0 + Double($1) }
    #expect(abs(Double(Float(bitPattern: sums[0])) - exact) <= Double(count) * 0x1p-24 * magnitude)
    let exactSquares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(isClose(Double(bitPattern: squares[0]), exactSquares, relative: 1e-13))
  }

  private func sumOfSquares(_ x: [Float]) -> Double {
    unsafe Reductions.sumOfSquares(Buffer(x).start, x.count)
  }

  @Test func squaresDoNotOverflow() {
    let (large, small) = ([Float](repeating: 3e38, count: 33), [Float](repeating: 2e-38, count: 5))
    #expect(isClose(sumOfSquares(large), 33 * 9e76, relative: 1e-6))
    #expect(isClose(sumOfSquares(small), 5 * 4e-76, relative: 1e-6))
    #expect(sumOfSquares([.nan]).isNaN)
    #expect(sumOfSquares([1, .infinity]) == .infinity)
  }

  private static let extents = [
    (1, 1, 1), (3, 1, 4), (2, 5, 1), (1, 64, 3), (2, 65, 16), (1, 129, 17), (4, 200, 1),
    (2, 3, 40),
  ]

  @Test(arguments: extents.indices)
  func middleAxis(case: Int) {
    let (outer, reduced, inner) = ReductionsTests.extents[`case`]
    var generator = XorShift(seed: 22)
    let x = generator.floats(outer * reduced * inner)
    let source = Buffer(x)
    let (sum, maximum) = (Buffer<Float>(count: outer * inner), Buffer<Float>(count: outer * inner))
    unsafe Reductions.sum(sum.start, source.start, outer: outer, reduced: reduced, inner: inner)
    unsafe Reductions.maximum(
      maximum.start, source.start, outer: outer, reduced: reduced, inner: inner)
    #expect(sum.isGuarded && maximum.isGuarded && source.elements == x)
    for o in 0..<outer {
      for i in 0..<inner {
        let column = (0..<reduced).map { x[(o * reduced + $0) * inner + i] }
        let (place, magnitude) = (o * inner + i, column.reduce(0.0) { $0 + abs(Double($1)) })
        let exact = column.reduce(0.0) { $0 + Double($1) }
        #expect(
          abs(Double(sum.elements[place]) - exact) <= Double(reduced) * 0x1p-24 * magnitude)
        #expect(maximum.elements[place] == column.max())
      }
    }
  }

  @Test func columnsHaveOneOrderWhereverTheyStand() {
    // The same numbers in each of 40 columns: some are added sixteen at once, some one by one.
    var generator = XorShift(seed: 23)
    let rows = generator.floats(150)
    for columns in [2, 15, 16, 17, 40] {
      let x = rows.flatMap { [Float](repeating: $0, count: columns) }
      let y = Buffer<Float>(count: columns)
      unsafe Reductions.sum(y.start, Buffer(x).start, outer: 1, reduced: 150, inner: columns)
      #expect(Set(y.elements.map(\.bitPattern)).count == 1, "\(columns)")
    }
  }

  @Test(arguments: [1, 3, 16, 20])
  func maximumKeepsNaN(inner: Int) {
    for place in 0..<3 {
      var x = [Float](repeating: 1, count: 3 * inner)
      for i in 0..<inner { x[place * inner + i] = .nan }
      let y = Buffer<Float>(count: inner)
      unsafe Reductions.maximum(y.start, Buffer(x).start, outer: 1, reduced: 3, inner: inner)
      #expect(y.elements.allSatisfy { $0.isNaN })
    }
    let low = Buffer([Float](repeating: -.infinity, count: 3 * inner))
    let y = Buffer<Float>(count: inner)
    unsafe Reductions.maximum(y.start, low.start, outer: 1, reduced: 3, inner: inner)
    #expect(y.elements.allSatisfy { $0 == -.infinity })
  }
}
