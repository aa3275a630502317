/// Sums and maxima over the middle axis of `[outer, reduced, inner]`, in an order that depends only
/// on these extents.
package enum Reductions {
  package static func sum(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, outer: Int, reduced: Int,
    inner: Int
  ) {
    for o in 0..<outer {
      let x = unsafe x + o * reduced * inner
      if inner == 1 {
        unsafe y[o] = sum(x, reduced)
      } else {
        unsafe sumRows(y + o * inner, x, rows: reduced, columns: inner)
      }
    }
  }

  package static func maximum(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, outer: Int, reduced: Int,
    inner: Int
  ) {
    for o in 0..<outer {
      let (y, x) = unsafe (y + o * inner, x + o * reduced * inner)
      unsafe y.update(from: x, count: inner)
      for r in 1..<max(1, reduced) {
        let row = unsafe x + r * inner
        // NaN if one of them is.
        for i in 0..<inner { unsafe y[i] = y[i] > row[i] || y[i] != y[i] ? y[i] : row[i] }
      }
    }
  }

  /// The sum of all elements, by sixteen running sums.
  package static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    sum(count) {
      unsafe x.lanes(at: $0)
    } element: {
      unsafe x[$0]
    }
  }

  /// The sum of terms, sixteen at once and the last ones one by one.
  @inline(__always)
  static func sum(
    _ count: Int, lanes: (Int) -> SIMD16<Float>, element: (Int) -> Float
  ) -> Float {
    var sums = SIMD16<Float>()
    let whole = count & ~15
    for i in stride(from: 0, to: whole, by: 16) { sums += lanes(i) }
    for i in whole..<count { sums[i - whole] += element(i) }
    return total(sums)
  }

  /// The sum of all lanes, as a balanced tree.
  @inline(__always)
  static func total(_ lanes: SIMD16<Float>) -> Float {
    let eight = lanes.lowHalf + lanes.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// Each column is added in blocks, and the blocks are added up: a smaller error than one long
  /// sum.
  private static func sumRows(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, rows: Int, columns: Int
  ) {
    let whole = columns & ~15
    for c in stride(from: 0, to: whole, by: 16) {
      unsafe y.set(sumInBlocks(rows, +) { unsafe x.lanes(at: $0 * columns + c) }, at: c)
    }
    for c in whole..<columns { unsafe y[c] = sumInBlocks(rows, +) { unsafe x[$0 * columns + c] } }
  }

  /// The number of terms of a block of a long sum.
  static let blockCount = 64

  @inline(__always)
  static func sumInBlocks<Sum>(
    _ count: Int, _ add: (Sum, Sum) -> Sum, _ term: (Int) -> Sum
  ) -> Sum {
    let block = blockCount
    var total = term(0)
    for first in stride(from: 0, to: count, by: block) {
      var partial = term(first)
      for i in first + 1..<min(first + block, count) { partial = add(partial, term(i)) }
      total = first == 0 ? partial : add(total, partial)
    }
    return total
  }
}

extension Reductions {
  /// The sum of squares in Double, by sixteen running sums; it cannot overflow.
  package static func sumOfSquares(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
    var (low, high) = (SIMD8<Double>(), SIMD8<Double>())
    let whole = count & ~15
    for i in stride(from: 0, to: whole, by: 16) {
      for lane in 0..<8 {
        let (a, b) = unsafe (Double(x[i + lane]), Double(x[i + lane + 8]))
        low[lane] += a * a
        high[lane] += b * b
      }
    }
    for i in whole..<count {
      let a = unsafe Double(x[i])
      low[(i - whole) & 7] += a * a
    }
    let eight = low + high
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
