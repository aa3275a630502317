// Sixteen elements at once. The SIMD types are fast in arithmetic, comparisons, `replacing`, loads
// and stores; their other methods are calls.

extension UnsafePointer where Pointee == Float {
  @inline(__always)
  func lanes(at offset: Int) -> SIMD16<Float> {
    unsafe UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD16<Float>.self)
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  @inline(__always)
  func set(_ lanes: SIMD16<Float>, at offset: Int) {
    unsafe UnsafeMutableRawPointer(self + offset).storeBytes(of: lanes, as: SIMD16<Float>.self)
  }
}
