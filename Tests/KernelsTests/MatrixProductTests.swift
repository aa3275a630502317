import Kernels
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  private static let sizes = [
    (1, 1, 1), (1, 7, 1), (3, 5, 2), (16, 16, 16), (17, 31, 15), (64, 100, 10), (5, 300, 33),
    (2, 1, 50),
  ]

  @Test(arguments: sizes.indices, [(false, false), (false, true), (true, false), (true, true)])
  func agreesWithTheDefinition(size: Int, transposed: (left: Bool, right: Bool)) throws {
    _ = try OneDNNEngine.shared
    NumericThread.prepare()
    let (rows, inner, columns) = MatrixProductTests.sizes[size]
    var generator = XorShift(seed: 51)
    let (a, b) = (generator.floats(rows * inner), generator.floats(inner * columns))
    let c = Buffer<Float>(count: rows * columns)
    func run() {
      unsafe MatrixProduct.run(
        c.start, Buffer(a).start, Buffer(b).start, rows: rows, inner: inner, columns: columns,
        transposeLeft: transposed.left, transposeRight: transposed.right)
    }
    run()
    let first = c.elements
    for i in 0..<rows {
      for j in 0..<columns {
        var (sum, magnitude) = (0.0, 0.0)
        for k in 0..<inner {
          let left = a[transposed.left ? k * rows + i : i * inner + k]
          let right = b[transposed.right ? j * inner + k : k * columns + j]
          sum += Double(left) * Double(right)
          magnitude += abs(Double(left) * Double(right))
        }
        let error = abs(Double(first[i * columns + j]) - sum)
        #expect(error <= Double(inner) * 0x1p-24 * magnitude)
      }
    }
    #expect(c.isGuarded)
    run()
    #expect(c.elements.map(\.bitPattern) == first.map(\.bitPattern))
  }
}
