import Kernels
import TestSupport
import Testing

@Suite struct RMSNormalisationTests {
  private static let epsilon = 1e-5

  /// Columns that fill lanes and that do not, and more rows than a block of sums has.
  private static let extents = [(3, 2), (2, 16), (130, 3), (7, 37), (2, 300)]

  private struct Rows {
    let (rows, columns): (Int, Int)
    let x, g, scale: [Float]
    let kernel: RMSNormalisation
    let squares: Buffer<Float>

    init(_ extents: (Int, Int)) {
      (rows, columns) = extents
      var generator = XorShift(seed: 83)
      x = generator.floats(rows * columns, in: -3...5)
      g = generator.floats(rows * columns)
      scale = generator.floats(columns)
      kernel = RMSNormalisation(
        rows: rows, columns: columns, epsilon: RMSNormalisationTests.epsilon)
      squares = Buffer(count: rows)
      unsafe kernel.normalise(
        nil, squares: squares.start, Buffer(x, shift: 1).start, scale: Buffer(scale).start)
    }

    /// The mean of products over each row.
    func means(_ a: [Double], _ b: [Double]) -> [Double] {
      (0..<rows).map { row in
        (row * columns..<(row + 1) * columns).reduce(0) { $0 + a[$1] * b[$1] } / Double(columns)
      }
    }

    var exact: (x: [Double], squares: [Double], roots: [Double]) {
      let x = x.map(Double.init)
      let squares = means(x, x)
      return (x, squares, squares.map { ($0 + RMSNormalisationTests.epsilon).squareRoot() })
    }
  }

  @Test(arguments: extents) func normalises(_ extents: (Int, Int)) {
    let rows = Rows(extents)
    let (x, squares, roots) = rows.exact
    let y = Buffer<Float>(count: x.count)
    unsafe rows.kernel.normalise(
      y.start, squares: nil, Buffer(rows.x).start, scale: Buffer(rows.scale).start)
    for (found, expected) in zip(rows.squares.elements, squares) {
      #expect(isClose(Double(found), expected, relative: 1e-5, absolute: 0))
    }
    for (element, found) in y.elements.enumerated() {
      let expected =
        x[element] / roots[element / rows.columns] * Double(rows.scale[element % rows.columns])
      #expect(isClose(Double(found), expected, relative: 1e-5, absolute: 1e-6))
    }
    #expect(rows.squares.isGuarded && y.isGuarded)
  }

  @Test(arguments: extents) func gradientsAgreeWithTheDefinition(_ extents: (Int, Int)) {
    let rows = Rows(extents)
    let (x, _, roots) = rows.exact
    let (g, scale) = (Buffer(rows.g, shift: 3), Buffer<Float>(count: rows.columns))
    // In place: the gradient of the result is read for the last time.
    unsafe rows.kernel.gradients(
      g.start, scale: scale.start, Buffer(rows.x).start, g.start, squares: rows.squares.start,
      scale: Buffer(rows.scale).start)
    let scaled = rows.g.enumerated().map { Double($1) * Double(rows.scale[$0 % rows.columns]) }
    let along = rows.means(scaled, x)
    var byScale = [Double](repeating: 0, count: rows.columns)
    for element in x.indices {
      let row = element / rows.columns
      let root = roots[row]
      byScale[element % rows.columns] += Double(rows.g[element]) * x[element] / root
      let expected = (scaled[element] - x[element] * along[row] / (root * root)) / root
      #expect(isClose(Double(g.elements[element]), expected, relative: 1e-4, absolute: 1e-4))
    }
    for (found, expected) in zip(scale.elements, byScale) {
      #expect(isClose(Double(found), expected, relative: 1e-5, absolute: 1e-4))
    }
    #expect(scale.isGuarded && g.isGuarded)
  }
}
