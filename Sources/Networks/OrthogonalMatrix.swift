internal import Randomness

/// Vectors of length 1 at right angles, equally likely in every direction.
///
/// They are what the Gram-Schmidt process makes of normal draws, done twice for each vector, which
/// takes the rounding of the first time away (Giraud and others 2005). Sums run in one fixed order
/// of lanes, so that the bits are the same on every machine.
struct OrthogonalMatrix {
  let count: Int
  let length: Int
  /// The vectors, one after the other.
  private var elements: [Double]

  private static let laneCount = 8

  init(count: Int, length: Int, from stream: RandomStream, at first: Int = 0) {
    precondition(count <= length, "more vectors than dimensions cannot be at right angles")
    self.count = count
    self.length = length
    var draws = [Float](repeating: 0, count: count * length)
    unsafe draws.withUnsafeMutableBufferPointer { unsafe stream.fill(normal: $0, from: first) }
    elements = draws.map { Double($0) }
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      for i in 0..<count {
        let vector = unsafe start + i * length
        for _ in 0..<2 {
          for j in 0..<i {
            let other = unsafe start + j * length
            let share = unsafe Self.dot(vector, other, length)
            for k in 0..<length { unsafe vector[k] -= share * other[k] }
          }
        }
        let norm = unsafe Self.dot(vector, vector, length).squareRoot()
        for k in 0..<length { unsafe vector[k] /= norm }
      }
    }
  }

  /// An element of one of the vectors.
  subscript(vector: Int, element: Int) -> Double { elements[vector * length + element] }

  private static func dot(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    var lanes = SIMD8<Double>(repeating: 0)
    let whole = count / laneCount * laneCount
    for k in stride(from: 0, to: whole, by: laneCount) {
      let x = unsafe UnsafeRawPointer(a + k).loadUnaligned(as: SIMD8<Double>.self)
      let y = unsafe UnsafeRawPointer(b + k).loadUnaligned(as: SIMD8<Double>.self)
      lanes += x * y
    }
    for k in whole..<count { unsafe lanes[k - whole] += a[k] * b[k] }
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
      + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
  }
}
