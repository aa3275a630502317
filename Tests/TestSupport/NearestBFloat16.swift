/// The nearer of the two neighbours among floats whose lower half is 0, or the even one.
package func nearestBFloat16(_ x: Double) -> Double {
  guard x.isFinite else { return x }
  let below = Float(x).bitPattern & 0xFFFF_0000
  let neighbours = [below, below + 0x1_0000].filter { $0 & 0x7F80_0000 < 0x7F80_0000 }
    .map { Double(Float(bitPattern: $0)) }
  // What would be the next number is where infinity begins.
  let last = neighbours.count == 1 ? [0x1p128 * (x < 0 ? -1 : 1)] : []
  let (a, b) = ((neighbours + last)[0], (neighbours + last)[1])
  let (toA, toB) = (abs(a - x), abs(b - x))
  let isEven = below & 0x1_0000 == 0
  let nearest = toA < toB || (toA == toB && isEven) ? a : b
  return abs(nearest) < 0x1p128 ? nearest : nearest * .infinity
}
