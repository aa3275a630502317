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

/// Sixteen channels at once or one, so that a loop over channels is written once for both.
protocol ChannelLanes {
  init(_ source: UnsafePointer<Float>)
  init(repeating number: Float)
  func store(to target: UnsafeMutablePointer<Float>)
  func squareRoot() -> Self
  /// ReLU; NaN passes through.
  var relu: Self { get }
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
}

extension SIMD16<Float>: ChannelLanes {
  @inline(__always)
  init(_ source: UnsafePointer<Float>) { self = unsafe source.lanes(at: 0) }

  @inline(__always)
  func store(to target: UnsafeMutablePointer<Float>) { unsafe target.set(self, at: 0) }

  @inline(__always)
  var relu: Self { replacing(with: 0, where: self .<= 0) }
}

extension Float: ChannelLanes {
  @inline(__always)
  init(_ source: UnsafePointer<Float>) { self = unsafe source.pointee }

  @inline(__always)
  init(repeating number: Float) { self = number }

  @inline(__always)
  func store(to target: UnsafeMutablePointer<Float>) { unsafe target.pointee = self }

  @inline(__always)
  var relu: Self { self <= 0 ? 0 : self }
}

/// A loop over the rows of some channels.
protocol ChannelLoop {
  func run<Lanes: ChannelLanes>(_: Lanes.Type, at channel: Int)
}

extension ChannelLoop {
  @inline(__always)
  func run(channels: Int) {
    let whole = channels & ~15
    for channel in stride(from: 0, to: whole, by: 16) { run(SIMD16<Float>.self, at: channel) }
    for channel in whole..<channels { run(Float.self, at: channel) }
  }
}
