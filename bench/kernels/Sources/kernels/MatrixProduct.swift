/// c = op(a) op(b), row-major, with op(a) of `rows` x `inner` and op(b) of `inner` x `columns`.
struct ProductShape {
  enum Kind { case plain, transposedLeft, transposedRight }

  var kind: Kind
  var rows, inner, columns: Int

  var operations: Int { 2 * rows * inner * columns }

  /// The right factor in panels of whole vectors, as a transposed one must be.
  func packedCount(vectors: Int) -> Int {
    let width = vectors * 16
    return (columns + width - 1) / width * width * inner
  }
}

/// The product with one tile; smaller ones take what is left of the rows and columns.
enum ProductTile<let rows: Int, let vectors: Int> {
  /// `right` is op(b): in rows of `columns`, or packed in panels.
  @inline(never)
  static func multiply(
    _ shape: ProductShape, _ result: UnsafeMutablePointer<Float>, _ left: UnsafePointer<Float>,
    _ right: UnsafePointer<Float>, packed: Bool, accumulate: Bool
  ) {
    let (columns, inner, width) = (shape.columns, shape.inner, vectors * 16)
    let whole = columns / width * width
    for column in stride(from: 0, to: whole, by: width) {
      panel(
        Tile<rows, vectors>.self, shape, result + column, columns, left,
        packed ? right + column * inner : right + column, packed ? width : columns,
        accumulate: accumulate)
    }
    guard whole < columns else { return }
    if packed {
      ragged(shape, result + whole, left, right + whole * inner, accumulate: accumulate)
    } else {
      precondition(columns % 16 == 0, "a ragged right factor must be packed")
      for column in stride(from: whole, to: columns, by: 16) {
        panel(
          Tile<rows, 1>.self, shape, result + column, columns, left, right + column, columns,
          accumulate: accumulate)
      }
    }
  }

  /// The columns that do not fill a panel, by way of a panel of their own.
  @inline(__always)
  private static func ragged(
    _ shape: ProductShape, _ result: UnsafeMutablePointer<Float>, _ left: UnsafePointer<Float>,
    _ right: UnsafePointer<Float>, accumulate: Bool
  ) {
    let (columns, width) = (shape.columns, vectors * 16)
    withUnsafeTemporaryAllocation(byteCount: shape.rows * width * 4, alignment: 64) { bytes in
      let sums = bytes.bindMemory(to: Float.self).baseAddress.unsafelyUnwrapped
      panel(
        Tile<rows, vectors>.self, shape, sums, width, left, right, width, accumulate: false)
      for row in 0..<shape.rows {
        let (to, from) = (result + row * columns, sums + row * width)
        for i in 0..<columns % width { to[i] = accumulate ? to[i] + from[i] : from[i] }
      }
    }
  }

  @inline(__always)
  private static func panel<let width: Int>(
    _: Tile<rows, width>.Type, _ shape: ProductShape, _ result: UnsafeMutablePointer<Float>,
    _ stride: Int, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ step: Int,
    accumulate: Bool
  ) {
    var row = 0
    while row + rows <= shape.rows {
      block(
        Tile<rows, width>.self, shape, result + row * stride, stride, left, row, right, step,
        accumulate)
      row += rows
    }
    while row < shape.rows {
      block(
        Tile<1, width>.self, shape, result + row * stride, stride, left, row, right, step,
        accumulate)
      row += 1
    }
  }

  @inline(__always)
  private static func block<let count: Int, let width: Int>(
    _: Tile<count, width>.Type, _ shape: ProductShape, _ result: UnsafeMutablePointer<Float>,
    _ stride: Int, _ left: UnsafePointer<Float>, _ row: Int, _ right: UnsafePointer<Float>,
    _ step: Int, _ accumulate: Bool
  ) {
    var tile = Tile<count, width>()
    if shape.kind == .transposedLeft {
      tile.add(
        shape.inner, left: left + row, offset: { $0 }, step: shape.rows, right: right, step: step)
    } else {
      let inner = shape.inner
      tile.add(
        inner, left: left + row * inner, offset: { $0 &* inner }, step: 1, right: right, step: step)
    }
    if accumulate {
      tile.accumulate(result, stride: stride)
    } else {
      tile.store(result, stride: stride)
    }
  }

  /// Packs b of `columns` x `inner` into panels of op(b) with zeros beyond the last column.
  @inline(never)
  static func pack(
    _ shape: ProductShape, _ right: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>
  ) {
    let (columns, inner, width) = (shape.columns, shape.inner, vectors * 16)
    for column in stride(from: 0, to: columns, by: 16) {
      let target = packed + column / width * width * inner + column % width
      let from = right + column * inner
      if column + 16 <= columns {
        var i = 0
        while i + 16 <= inner {
          transpose(from + i, stride: inner, to: target + i * width, stride: width)
          i += 16
        }
        for i in i..<inner {
          for lane in 0..<16 { target[i * width + lane] = from[lane * inner + i] }
        }
      } else {
        for i in 0..<inner {
          for lane in 0..<16 {
            target[i * width + lane] = column + lane < columns ? from[lane * inner + i] : 0
          }
        }
      }
    }
  }
}

/// Transposes 16 x 16 elements by four rounds of exchanges between rows 8, 4, 2 and 1 apart.
@inline(__always)
func transpose(
  _ from: UnsafePointer<Float>, stride: Int, to: UnsafeMutablePointer<Float>, stride toStride: Int
) {
  var rows = InlineArray<16, SIMD16<Float>> { from.lanes(at: $0 &* stride) }
  // A perfect shuffle of rows i and i + 8, four times, moves bits of the row number to the lane's.
  for _ in 0..<4 {
    var next = rows
    for i in 0..<8 {
      next[2 &* i] = interleave(rows[i].lowHalf, rows[i &+ 8].lowHalf)
      next[2 &* i &+ 1] = interleave(rows[i].highHalf, rows[i &+ 8].highHalf)
    }
    rows = next
  }
  for i in 0..<16 { to.set(rows[i], at: i &* toStride) }
}

@inline(__always)
func interleave(_ even: SIMD8<Float>, _ odd: SIMD8<Float>) -> SIMD16<Float> {
  var lanes = SIMD16<Float>()
  lanes.evenHalf = even
  lanes.oddHalf = odd
  return lanes
}
