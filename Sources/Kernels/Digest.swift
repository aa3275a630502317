/// A hash of memory, to compare its bits with those of another process.
///
/// Eight running values take the 64-bit words in turn, each by an invertible step: if one word
/// differs, the digest differs. It is not cryptographic.
package struct Digest: Equatable, Sendable, CustomStringConvertible {
  package private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

  package init() {}

  package init(_ memory: UnsafeRawBufferPointer) {
    unsafe add(memory)
  }

  /// Adds a number.
  package mutating func add(_ number: UInt64) { value = Self.step(value, number) }

  /// Adds the bytes of a buffer and their count.
  package mutating func add(_ memory: UnsafeRawBufferPointer) {
    let (count, words) = (memory.count, memory.count / 8)
    add(UInt64(count))
    guard count > 0, let base = memory.baseAddress else { return }
    let whole = words & ~7
    var (a, b, c, d) = (value, value &+ 1, value &+ 2, value &+ 3)
    var (e, f, g, h) = (value &+ 4, value &+ 5, value &+ 6, value &+ 7)
    var place = 0
    func word(_ index: Int) -> UInt64 {
      unsafe base.loadUnaligned(fromByteOffset: 8 * (place + index), as: UInt64.self)
    }
    while place < whole {
      (a, b) = (Self.step(a, word(0)), Self.step(b, word(1)))
      (c, d) = (Self.step(c, word(2)), Self.step(d, word(3)))
      (e, f) = (Self.step(e, word(4)), Self.step(f, word(5)))
      (g, h) = (Self.step(g, word(6)), Self.step(h, word(7)))
      place += 8
    }
    add(a)
    add(b)
    add(c)
    add(d)
    add(e)
    add(f)
    add(g)
    add(h)
    while place < words {
      add(word(0))
      place += 1
    }
    for byte in 8 * words..<count {
      add(UInt64(unsafe base.load(fromByteOffset: byte, as: UInt8.self)))
    }
  }

  /// Invertible in both arguments.
  @inline(__always)
  private static func step(_ value: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = (value ^ word) &* 0x9fb2_1c65_1e98_df25
    return mixed ^ mixed >> 32
  }

  /// Sixteen hexadecimal digits.
  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
