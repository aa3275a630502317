/// Marsaglia's 64-bit xorshift: small, with a fixed seed, and good enough to choose test data.
package struct XorShift: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    precondition(seed != 0, "xorshift stays at 0")
    state = seed
  }

  package mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  package mutating func integer(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// A number that `Float` holds exactly, so that engines of either precision see the same one.
  package mutating func number(in range: ClosedRange<Double>) -> Double {
    Double(Float(Double.random(in: range, using: &self)))
  }
}
