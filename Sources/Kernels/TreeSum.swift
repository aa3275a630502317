/// The sum of vectors over a balanced binary tree: neighbours first, then pairs.
package enum TreeSum {
  private static let block = 256

  /// Floats of scratch memory for each vector.
  package static let scratchCount = block

  /// Writes the sum of vectors, whose number is a power of two, or adds it to the result.
  package static func run(
    _ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, stride: Int,
    leaves: Int, count: Int, adding: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    guard leaves > 1 else {
      if adding {
        unsafe Elementwise.accumulate(target, source, count)
      } else {
        unsafe target.update(from: source, count: count)
      }
      return
    }
    for first in Swift.stride(from: 0, to: count, by: block) {
      let (target, source) = unsafe (target + first, source + first)
      let count = min(block, count - first)
      if adding {
        unsafe add(leaves, source, stride, count, into: scratch, spares: scratch + block)
        unsafe Elementwise.accumulate(target, scratch, count)
      } else {
        unsafe add(leaves, source, stride, count, into: target, spares: scratch)
      }
    }
  }

  private static func add(
    _ leaves: Int, _ source: UnsafePointer<Float>, _ stride: Int, _ count: Int,
    into sum: UnsafeMutablePointer<Float>, spares: UnsafeMutablePointer<Float>
  ) {
    let half = unsafe source + leaves / 2 * stride
    guard leaves > 2 else {
      for i in 0..<count { unsafe sum[i] = source[i] + half[i] }
      return
    }
    unsafe add(leaves / 2, source, stride, count, into: sum, spares: spares)
    unsafe add(leaves / 2, half, stride, count, into: spares, spares: spares + block)
    unsafe Elementwise.accumulate(sum, spares, count)
  }
}
