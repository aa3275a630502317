import Kernels
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  /// What multiplies matrices in this build.
  enum Library: CaseIterable {
    case openBLAS
    case tiles

    func multiply(
      _ c: Buffer<Float>, _ a: Buffer<Float>, _ b: Buffer<Float>, _ shape: MatrixProductShape
    ) throws {
      switch self {
      case .openBLAS:
        try unsafe OpenBLAS.shared.multiply(c.start, a.start, b.start, shape)
      case .tiles:
        let product = TiledProduct(shape)
        let packed = Buffer<Float>(count: product.packing.count)
        unsafe product.packing.pack(b.start, to: packed.start)
        unsafe product.run(c.start, a.start, b.start, packed: packed.start)
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

  private static let shapes = [
    (5, 3, 40), (16, 9, 10), (13, 16, 31), (1, 4, 16), (7, 2, 50), (7, 700, 33),
  ]
  .flatMap { size in
    [(false, false), (false, true), (true, false), (true, true)].map { (left, right) in
      MatrixProductShape(
        batch: 1, rows: size.0, inner: size.1, columns: size.2, transposeLeft: left,
        transposeRight: right)
    }
  }

  /// Each result of the tiles is one chain of fused multiply-adds.
  @Test(arguments: shapes) func tilesAreChains(_ shape: MatrixProductShape) {
    NumericThread.prepare()
    let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
    var generator = XorShift(seed: 52)
    let (a, b) = (generator.floats(rows * inner), generator.floats(inner * columns))
    let chains = chains(a, b, shape)
    let product = TiledProduct(shape)
    let packed = Buffer<Float>(count: product.packing.count)
    let (left, right) = (Buffer(a, shift: 1), Buffer(b, shift: 3))
    let made = Buffer<Float>(count: rows * columns)
    unsafe product.packing.pack(right.start, to: packed.start)
    unsafe product.run(made.start, left.start, right.start, packed: packed.start)
    #expect(made.elements.map(\.bitPattern) == chains.map(\.bitPattern))
    #expect(made.isGuarded && packed.isGuarded)
  }

  /// A bias for each column is added to finished chains, whose packed right factor changes no bits.
  @Test(arguments: shapes, [false, true])
  func tilesEnd(_ shape: MatrixProductShape, appliesReLU: Bool) {
    NumericThread.prepare()
    let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
    var generator = XorShift(seed: 53)
    var a = generator.floats(rows * inner)
    a[rows * inner / 2] = .nan
    let (b, bias) = (generator.floats(inner * columns), generator.floats(columns))
    let (left, right) = (Buffer(a), Buffer(b))
    let (plain, ended) = (
      Buffer<Float>(count: rows * columns), Buffer<Float>(count: rows * columns)
    )
    let products = (TiledProduct(shape), TiledProduct(shape, packsRight: true))
    let packed = (
      Buffer<Float>(count: products.0.packing.count), Buffer<Float>(count: products.1.packing.count)
    )
    unsafe products.0.packing.pack(right.start, to: packed.0.start)
    unsafe products.1.packing.pack(right.start, to: packed.1.start)
    unsafe products.0.run(plain.start, left.start, right.start, packed: packed.0.start)
    unsafe products.1.run(
      ended.start, left.start, right.start, packed: packed.1.start,
      addend: .row(Buffer(bias).start),
      appliesReLU: appliesReLU)
    let expected = plain.elements.enumerated().map { place, chain in
      let sum = bias[place % columns] + chain
      return appliesReLU && sum <= 0 ? 0 : sum
    }
    #expect(ended.elements.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(ended.isGuarded && packed.1.isGuarded)
  }
}

/// What each result of a product is as one chain of fused multiply-adds.
func chains(
  _ a: [Float], _ b: [Float], _ shape: MatrixProductShape, lines: Range<Int>? = nil
) -> [Float] {
  let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
  var chains = [Float](repeating: 0, count: rows * columns)
  for i in 0..<rows {
    for j in 0..<columns {
      for k in lines ?? 0..<inner {
        chains[i * columns + j].addProduct(
          a[shape.transposeLeft ? k * rows + i : i * inner + k],
          b[shape.transposeRight ? j * inner + k : k * columns + j])
      }
    }
  }
  return chains
}
