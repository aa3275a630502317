/// Conversions between number types.
extension Elementwise {
  package static func convert(
    _ y: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<UInt8>, _ n: Int
  ) {
    for i in 0..<n { unsafe y[i] = Int32(x[i]) }
  }

  /// Values out of range become the nearest integer.
  package static func convert(
    _ y: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Int32>, _ n: Int
  ) {
    for i in 0..<n { unsafe y[i] = UInt8(truncatingIfNeeded: max(0, min(255, x[i]))) }
  }

  package static func convert(_ y: Destination, _ x: UnsafePointer<UInt8>, _ n: Int) {
    for i in 0..<n { unsafe y[i] = Float(x[i]) }
  }

  package static func convert(_ y: Destination, _ x: UnsafePointer<Int32>, _ n: Int) {
    for i in 0..<n { unsafe y[i] = Float(x[i]) }
  }

  package static func convert(_ y: Destination, _ x: UnsafePointer<BFloat16>, _ n: Int) {
    for i in 0..<n { unsafe y[i] = x[i].float }
  }

  // MARK: To bfloat16, the nearest, of two equally near ones the even one

  package static func convert(_ y: UnsafeMutablePointer<BFloat16>, _ x: Source, _ n: Int) {
    for i in 0..<n { unsafe y[i] = BFloat16(x[i]) }
  }

  package static func convert(
    _ y: UnsafeMutablePointer<BFloat16>, _ x: UnsafePointer<UInt8>, _ n: Int
  ) {
    for i in 0..<n { unsafe y[i] = BFloat16(Float(x[i])) }
  }

  package static func convert(
    _ y: UnsafeMutablePointer<BFloat16>, _ x: UnsafePointer<Int32>, _ n: Int
  ) {
    for i in 0..<n { unsafe y[i] = BFloat16(x[i]) }
  }

  // MARK: To integers

  /// Towards zero; values out of range become the nearest integer, NaN becomes 0.
  package static func truncate(_ y: UnsafeMutablePointer<Int32>, _ x: Source, _ n: Int) {
    for i in 0..<n { unsafe y[i] = Int32(clamping: Int64(x[i].clamped(9e18))) }
  }

  package static func truncate(_ y: UnsafeMutablePointer<UInt8>, _ x: Source, _ n: Int) {
    for i in 0..<n { unsafe y[i] = UInt8(clamping: Int64(x[i].clamped(9e18))) }
  }

  package static func truncate(
    _ y: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<BFloat16>, _ n: Int
  ) {
    for i in 0..<n { unsafe y[i] = Int32(clamping: Int64(x[i].float.clamped(9e18))) }
  }

  package static func truncate(
    _ y: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<BFloat16>, _ n: Int
  ) {
    for i in 0..<n { unsafe y[i] = UInt8(clamping: Int64(x[i].float.clamped(9e18))) }
  }
}

extension Float {
  fileprivate func clamped(_ limit: Float) -> Float {
    isNaN ? 0 : Swift.max(-limit, Swift.min(limit, self))
  }
}
