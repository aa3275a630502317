import Kernels
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  /// What multiplies matrices in this build.
  enum Library: CaseIterable {
    case openBLAS
    #if ONEDNN
      case oneDNN
    #endif

    func multiply(
      _ c: Buffer<Float>, _ a: Buffer<Float>, _ b: Buffer<Float>, _ shape: MatrixProductShape
    ) throws {
      switch self {
      case .openBLAS:
        try unsafe OpenBLAS.shared.multiply(c.start, a.start, b.start, shape)
      #if ONEDNN
        case .oneDNN:
          try OneDNN.start()
          unsafe MatrixProduct.run(c.start, a.start, b.start, shape)
      #endif
      }
    }
  }

  private static let sizes = [
    (1, 1, 1), (1, 7, 1), (3, 5, 2), (16, 16, 16), (17, 31, 15), (64, 100, 10), (5, 300, 33),
    (2, 1, 50),
  ]

  @Test(
    arguments: Library.allCases,
    sizes.flatMap { size in
      [(false, false), (false, true), (true, false), (true, true)].map { (left, right) in
        MatrixProductShape(
          batch: 1, rows: size.0, inner: size.1, columns: size.2, transposeLeft: left,
          transposeRight: right)
      }
    })
  func agreesWithTheDefinition(_ library: Library, _ shape: MatrixProductShape) throws {
    NumericThread.prepare()
    let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
    var generator = XorShift(seed: 51)
    let (a, b) = (generator.floats(rows * inner), generator.floats(inner * columns))
    let c = Buffer<Float>(count: rows * columns)
    let (left, right) = (Buffer(a), Buffer(b))
    try library.multiply(c, left, right, shape)
    let first = c.elements
    for i in 0..<rows {
      for j in 0..<columns {
        var (sum, magnitude) = (0.0, 0.0)
        for k in 0..<inner {
          let left = a[shape.transposeLeft ? k * rows + i : i * inner + k]
          let right = b[shape.transposeRight ? j * inner + k : k * columns + j]
          sum += Double(left) * Double(right)
          magnitude += abs(Double(left) * Double(right))
        }
        let error = abs(Double(first[i * columns + j]) - sum)
        #expect(error <= Double(inner) * 0x1p-24 * magnitude)
      }
    }
    #expect(c.isGuarded)
    try library.multiply(c, left, right, shape)
    #expect(c.elements.map(\.bitPattern) == first.map(\.bitPattern))
  }
}
