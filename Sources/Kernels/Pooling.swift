/// Max-pooling and its argmax: sixteen channels at a time, the rest one by one.
package enum Pooling {
  /// The maximum of each window, then ReLU if `appliesReLU`, and the index in the window of the
  /// first maximum; results that are nil are not written.
  ///
  /// NaN is greater than any number.
  @specialized(where Index == UInt8)
  @specialized(where Index == Int32)
  package static func maxima<Index: FixedWidthInteger & SIMDScalar>(
    _ maxima: UnsafeMutablePointer<Float>?, index: UnsafeMutablePointer<Index>?,
    appliesReLU: Bool = false, _ x: UnsafePointer<Float>, _ shape: PoolingShape
  ) {
    if let index = unsafe index {
      unsafe maximaAndArgmax(maxima, index, appliesReLU, x, shape)
    } else if let maxima = unsafe maxima {
      unsafe greatest(maxima, appliesReLU, x, shape)
    }
  }

  @inline(__always)
  private static func greatest(
    _ maxima: UnsafeMutablePointer<Float>, _ appliesReLU: Bool, _ x: UnsafePointer<Float>,
    _ shape: PoolingShape
  ) {
    let channels = shape.channels
    let whole = channels & ~15
    shape.forEachWindow { window in
      let maxima = unsafe maxima + window.output
      for c in stride(from: 0, to: whole, by: 16) {
        let x = unsafe x + c
        var best = unsafe x.lanes(at: window.start)
        window.forEach { place, _ in
          let value = unsafe x.lanes(at: place)
          best.replace(with: value, where: .!(value .<= best) .& (best .== best))
        }
        if appliesReLU { best.replace(with: 0, where: best .<= 0) }
        unsafe maxima.set(best, at: c)
      }
      for c in whole..<channels {
        let x = unsafe x + c
        var best = unsafe x[window.start]
        window.forEach { place, _ in
          let value = unsafe x[place]
          if !(value <= best) && best == best { best = value }
        }
        unsafe maxima[c] = appliesReLU && best <= 0 ? 0 : best
      }
    }
  }

  @inline(__always)
  private static func maximaAndArgmax<Index: FixedWidthInteger & SIMDScalar>(
    _ maxima: UnsafeMutablePointer<Float>?, _ index: UnsafeMutablePointer<Index>,
    _ appliesReLU: Bool, _ x: UnsafePointer<Float>, _ shape: PoolingShape
  ) {
    let channels = shape.channels
    let whole = channels & ~15
    shape.forEachWindow { window in
      let (index, maxima) = unsafe (index + window.output, maxima.map { unsafe $0 + window.output })
      for c in stride(from: 0, to: whole, by: 16) {
        let x = unsafe x + c
        var best = unsafe x.lanes(at: window.start)
        var winner = lanes(window.first)
        window.forEach { place, element in
          let value = unsafe x.lanes(at: place)
          let wins = .!(value .<= best) .& (best .== best)
          best.replace(with: value, where: wins)
          winner.replace(with: lanes(element), where: wins)
        }
        unsafe store(winner, to: index + c)
        if appliesReLU { best.replace(with: 0, where: best .<= 0) }
        unsafe maxima?.set(best, at: c)
      }
      for c in whole..<channels {
        let x = unsafe x + c
        var (best, winner) = unsafe (x[window.start], window.first)
        window.forEach { place, element in
          let value = unsafe x[place]
          if !(value <= best) && best == best { (best, winner) = (value, element) }
        }
        unsafe index[c] = Index(truncatingIfNeeded: winner)
        unsafe maxima?[c] = appliesReLU && best <= 0 ? 0 : best
      }
    }
  }

  /// The elements that the indices point at.
  @specialized(where Index == UInt8)
  @specialized(where Index == Int32)
  package static func gather<Index: FixedWidthInteger & SIMDScalar>(
    _ y: UnsafeMutablePointer<Float>, _ index: UnsafePointer<Index>, _ x: UnsafePointer<Float>,
    _ shape: PoolingShape
  ) {
    let channels = shape.channels
    let whole = channels & ~15
    shape.forEachWindow { window in
      let (y, index) = unsafe (y + window.output, index + window.output)
      for c in stride(from: 0, to: whole, by: 16) {
        let x = unsafe x + c
        let winner = unsafe indices(at: index + c)
        var found = SIMD16<Float>()
        window.forEach { place, element in
          unsafe found.replace(with: x.lanes(at: place), where: winner .== lanes(element))
        }
        unsafe y.set(found, at: c)
      }
      for c in whole..<channels {
        let winner = unsafe Int(index[c])
        window.forEach { place, element in
          if element == winner { unsafe y[c] = x[place + c] }
        }
      }
    }
  }

  /// Adds each element to the place that its index points at.
  @specialized(where Index == UInt8)
  @specialized(where Index == Int32)
  package static func scatter<Index: FixedWidthInteger & SIMDScalar>(
    _ x: UnsafeMutablePointer<Float>, _ index: UnsafePointer<Index>, _ y: UnsafePointer<Float>,
    _ shape: PoolingShape
  ) {
    unsafe x.update(repeating: 0, count: shape.inputCount)
    let channels = shape.channels
    let whole = channels & ~15
    shape.forEachWindow { window in
      let (y, index) = unsafe (y + window.output, index + window.output)
      for c in stride(from: 0, to: whole, by: 16) {
        let x = unsafe x + c
        let winner = unsafe indices(at: index + c)
        let value = unsafe y.lanes(at: c)
        window.forEach { place, element in
          let sum = unsafe UnsafePointer(x).lanes(at: place)
          unsafe x.set(
            sum.replacing(with: sum + value, where: winner .== lanes(element)), at: place)
        }
      }
      for c in whole..<channels {
        let winner = unsafe Int(index[c])
        window.forEach { place, element in
          if element == winner { unsafe x[place + c] += y[c] }
        }
      }
    }
  }

  @inline(__always)
  private static func lanes(_ element: Int) -> SIMD16<Int32> {
    SIMD16(repeating: Int32(truncatingIfNeeded: element))
  }

  @inline(__always)
  private static func indices<Index: FixedWidthInteger & SIMDScalar>(
    at index: UnsafePointer<Index>
  ) -> SIMD16<Int32> {
    unsafe SIMD16(truncatingIfNeeded: UnsafeRawPointer(index).loadUnaligned(as: SIMD16<Index>.self))
  }

  /// Converts with shuffles: the conversion of the standard library goes lane by lane.
  @inline(__always)
  private static func store<Index>(_ winner: SIMD16<Int32>, to index: UnsafeMutablePointer<Index>) {
    let address = UnsafeMutableRawPointer(index)
    if MemoryLayout<Index>.size == 1 {
      let pairs = winner.evenHalf &+ winner.oddHalf &* 256
      unsafe address.storeBytes(
        of: pairs.evenHalf &+ pairs.oddHalf &* 65536, as: SIMD4<Int32>.self)
    } else {
      unsafe address.storeBytes(of: winner, as: SIMD16<Int32>.self)
    }
  }
}
