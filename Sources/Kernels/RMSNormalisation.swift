/// RMS normalisation of `rows` with `columns` each, and its gradient.
@safe package struct RMSNormalisation: Sendable {
  private let rows: Int
  private let columns: Int
  private let epsilon: Float

  package init(rows: Int, columns: Int, epsilon: Double) {
    self.rows = rows
    self.columns = columns
    self.epsilon = Float(epsilon)
  }

  /// 1 over the root mean square.
  @inline(__always)
  private func inverse(_ square: Float) -> Float { 1 / (square + epsilon).squareRoot() }

  /// y = x scale / root mean square, and the mean square of each row; results that are nil are not
  /// written.
  package func normalise(
    _ y: UnsafeMutablePointer<Float>?, squares: UnsafeMutablePointer<Float>?,
    _ x: UnsafePointer<Float>, scale: UnsafePointer<Float>
  ) {
    for row in 0..<rows {
      let x = unsafe x + row * columns
      let square = unsafe sumOfProducts(x, x) / Float(columns)
      unsafe squares?[row] = square
      guard let y = unsafe y.map({ unsafe $0 + row * columns }) else { continue }
      let inverse = inverse(square)
      for c in 0..<columns { unsafe y[c] = x[c] * inverse * scale[c] }
    }
  }

  @inline(__always)
  private func sumOfProducts(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    Reductions.sum(columns) { place in
      unsafe a.lanes(at: place) * b.lanes(at: place)
    } element: { place in
      unsafe a[place] * b[place]
    }
  }

  /// The gradients by x and scale of the gradient g of the result; results that are nil are not
  /// computed.
  ///
  /// That by x may overwrite g.
  package func gradients(
    _ dx: UnsafeMutablePointer<Float>?, scale byScale: UnsafeMutablePointer<Float>?,
    _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>, squares: UnsafePointer<Float>,
    scale: UnsafePointer<Float>
  ) {
    if let byScale = unsafe byScale { unsafe scaleGradient(byScale, x, g, squares) }
    guard let dx = unsafe dx else { return }
    for row in 0..<rows {
      let start = row * columns
      let (dx, x, g) = unsafe (dx + start, x + start, g + start)
      let inverse = unsafe inverse(squares[row])
      let along = Reductions.sum(columns) { place in
        unsafe g.lanes(at: place) * scale.lanes(at: place) * x.lanes(at: place)
      } element: { place in
        unsafe g[place] * scale[place] * x[place]
      }
      let slope = along / Float(columns) * inverse * inverse
      for c in 0..<columns { unsafe dx[c] = (g[c] * scale[c] - x[c] * slope) * inverse }
    }
  }

  /// Rows are added in blocks, which gives a smaller error than one long sum.
  private func scaleGradient(
    _ byScale: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    _ squares: UnsafePointer<Float>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { buffer in
      guard let block = buffer.baseAddress else { return }
      unsafe byScale.update(repeating: 0, count: columns)
      for first in stride(from: 0, to: rows, by: Reductions.blockCount) {
        unsafe block.update(repeating: 0, count: columns)
        for row in first..<min(first + Reductions.blockCount, rows) {
          let (x, g) = unsafe (x + row * columns, g + row * columns)
          let inverse = unsafe inverse(squares[row])
          for c in 0..<columns { unsafe block[c] += g[c] * (x[c] * inverse) }
        }
        for c in 0..<columns { unsafe byScale[c] += block[c] }
      }
    }
  }
}
