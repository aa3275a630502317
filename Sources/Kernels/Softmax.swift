internal import Elementary

/// Softmax and its cross entropy over rows, safe for logits of any size.
package enum Softmax {
  package static func softmax(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, rows: Int, columns: Int
  ) {
    for r in 0..<rows {
      let y = y + r * columns
      let sum = powers(y, x + r * columns, columns).sum
      for i in 0..<columns { y[i] /= sum }
    }
  }

  /// The loss of each row: log(sum(exp(x))) - x[label].
  package static func crossEntropy(
    _ loss: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ labels: UnsafePointer<Int32>, rows: Int, columns: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { buffer in
      guard let scratch = buffer.baseAddress else { return }
      for r in 0..<rows {
        let x = x + r * columns
        let (sum, maximum) = powers(scratch, x, columns)
        loss[r] = .log(sum) - (x[Int(labels[r])] - maximum)
      }
    }
  }

  /// The gradient by the logits: (softmax(x) - onehot(label)) * gradient of the row's loss.
  package static func crossEntropyGradient(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ labels: UnsafePointer<Int32>, _ gradient: UnsafePointer<Float>, rows: Int, columns: Int
  ) {
    for r in 0..<rows {
      let y = y + r * columns
      let sum = powers(y, x + r * columns, columns).sum
      let factor = gradient[r]
      for i in 0..<columns { y[i] = y[i] / sum * factor }
      y[Int(labels[r])] -= factor
    }
  }

  /// Writes exp(x - max(x)) and returns its sum and the maximum.
  @inline(__always)
  private static func powers(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int
  ) -> (sum: Float, maximum: Float) {
    var maximum = x[0]
    for i in 1..<max(1, count) { maximum = maximum > x[i] || maximum != maximum ? maximum : x[i] }
    for i in 0..<count { y[i] = .exp(x[i] - maximum) }
    return (Reductions.sum(y, count), maximum)
  }
}
