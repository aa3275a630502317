import TestSupport

/// Memory for a kernel, from any address that suits an element, between elements that nobody may
/// change.
///
/// It is never freed: a pointer that a kernel is given does not keep its buffer.
@safe struct Buffer<Element: BitwiseCopyable & Equatable> {
  let start: UnsafeMutablePointer<Element>
  let count: Int
  private let guards: [Element]

  init(_ elements: [Element], shift: Int = 0, guardedBy guardian: Element) {
    let base = UnsafeMutablePointer<Element>.allocate(capacity: elements.count + shift + 32)
    unsafe base.initialize(repeating: guardian, count: elements.count + shift + 32)
    unsafe start = base + 16 + shift
    unsafe start.update(from: elements, count: elements.count)
    count = elements.count
    guards = [Element](repeating: guardian, count: 16)
  }

  var elements: [Element] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

  var isGuarded: Bool {
    unsafe Array(UnsafeBufferPointer(start: start - 16, count: 16)) == guards
      && Array(UnsafeBufferPointer(start: start + count, count: 16)) == guards
  }
}

extension Buffer<Float> {
  init(_ elements: [Float], shift: Int = 0) {
    self.init(elements, shift: shift, guardedBy: -12345)
  }

  /// Full of NaN, which a kernel must overwrite.
  init(count: Int) { self.init([Float](repeating: .nan, count: count)) }
}

extension Buffer<UInt8> {
  init(_ elements: [UInt8]) { self.init(elements, guardedBy: 0xA5) }
  init(count: Int) { self.init([UInt8](repeating: 0xFF, count: count)) }
}

extension Buffer<Int32> {
  init(_ elements: [Int32]) { self.init(elements, guardedBy: -12345) }
  init(count: Int) { self.init([Int32](repeating: -1, count: count)) }
}

extension XorShift {
  mutating func floats(_ count: Int, in range: ClosedRange<Double> = -2...2) -> [Float] {
    (0..<count).map { _ in Float(number(in: range)) }
  }

  /// Few different numbers, so that many are equal.
  mutating func ties(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(integer(in: -1...1)) }
  }

  mutating func integers(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32(integer(in: 0...bound - 1)) }
  }
}

/// Whether two results are the same number, or both none.
func same(_ a: Float, _ b: Float) -> Bool { a == b || a.isNaN && b.isNaN }

func same(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
}

/// Whether a float is within some units in the last place of a number.
func isNear(_ a: Float, _ b: Double, ulps: Double) -> Bool {
  if !b.isFinite || a.isNaN { return same(a, Float(b)) }
  // What is below the least normal number may be zero.
  return isClose(
    Double(a), b, relative: ulps * 0x1p-23, absolute: Double(Float.leastNormalMagnitude))
}
