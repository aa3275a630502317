extension Pooling {
  /// The sum of each window.
  package static func sum(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ shape: PoolingShape
  ) {
    let channels = shape.channels
    let whole = channels & ~15
    shape.forEachWindow { window in
      let y = unsafe y + window.output
      for c in stride(from: 0, to: whole, by: 16) {
        var sum = SIMD16<Float>()
        window.forEach { place, _ in unsafe sum += (x + c).lanes(at: place) }
        unsafe y.set(sum, at: c)
      }
      for c in whole..<channels {
        var sum: Float = 0
        window.forEach { place, _ in unsafe sum += x[place + c] }
        unsafe y[c] = sum
      }
    }
  }

  /// For each element of a map, the sum of the windows that cover it.
  package static func spread(
    _ x: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, _ shape: PoolingShape
  ) {
    unsafe x.update(repeating: 0, count: shape.inputCount)
    let channels = shape.channels
    let whole = channels & ~15
    shape.forEachWindow { window in
      let y = unsafe y + window.output
      for c in stride(from: 0, to: whole, by: 16) {
        let (x, value) = unsafe (x + c, y.lanes(at: c))
        window.forEach { place, _ in
          unsafe x.set(UnsafePointer(x).lanes(at: place) + value, at: place)
        }
      }
      for c in whole..<channels {
        window.forEach { place, _ in unsafe x[place + c] += y[c] }
      }
    }
  }
}
