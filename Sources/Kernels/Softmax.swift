internal import Elementary

/// Softmax and its cross entropy over rows, safe for logits of any size.
package enum Softmax {
  package static func softmax(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, rows: Int, columns: Int
  ) {
    for r in 0..<rows {
      let y = unsafe y + r * columns
      let sum = unsafe powers(y, x + r * columns, columns).sum
      for i in 0..<columns { unsafe y[i] /= sum }
    }
  }

  /// The loss of each row, log(sum(exp(x))) - x[label], and its softmax; results that are nil are
  /// not written.
  ///
  /// The softmax may overwrite x.
  package static func crossEntropy(
    _ loss: UnsafeMutablePointer<Float>?, probabilities: UnsafeMutablePointer<Float>?,
    _ x: UnsafePointer<Float>, _ labels: UnsafePointer<Int32>, rows: Int, columns: Int
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { buffer in
      guard let scratch = buffer.baseAddress else { return }
      for r in 0..<rows {
        let x = unsafe x + r * columns
        let own = unsafe x[Int(labels[r])]
        let y = unsafe probabilities.map { unsafe $0 + r * columns } ?? scratch
        let (sum, maximum) = unsafe powers(y, x, columns)
        unsafe loss?[r] = .log(sum) - (own - maximum)
        if unsafe probabilities != nil {
          for i in 0..<columns { unsafe y[i] /= sum }
        }
      }
    }
  }

  /// The gradient by the logits: (probability - onehot(label)) * gradient of the row's loss.
  package static func crossEntropyGradient(
    _ y: UnsafeMutablePointer<Float>, probabilities: UnsafePointer<Float>,
    _ labels: UnsafePointer<Int32>, _ gradient: UnsafePointer<Float>, rows: Int, columns: Int
  ) {
    for r in 0..<rows {
      let (y, row) = unsafe (y + r * columns, probabilities + r * columns)
      let factor = unsafe gradient[r]
      for i in 0..<columns { unsafe y[i] = row[i] * factor }
      unsafe y[Int(labels[r])] -= factor
    }
  }

  /// Writes exp(x - max(x)) and returns its sum and the maximum.
  @inline(__always)
  private static func powers(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int
  ) -> (sum: Float, maximum: Float) {
    var maximum = unsafe x[0]
    for i in 1..<max(1, count) {
      maximum = unsafe maximum > x[i] || maximum != maximum ? maximum : x[i]
    }
    for i in 0..<count { unsafe y[i] = .exp(x[i] - maximum) }
    return unsafe (Reductions.sum(y, count), maximum)
  }
}
