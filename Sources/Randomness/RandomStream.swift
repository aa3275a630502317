internal import Elementary

/// What random numbers are for.
///
/// The raw values are part of every run's bits: a new purpose takes a new one.
package enum Purpose: UInt8, Sendable, CaseIterable {
  case initialisation = 1
  case permutation = 2
  case dropout = 3
  case digits = 4
  case split = 5
  case noise = 6
  case probe = 7
  case fingerprint = 8
  case augmentation = 9
  case mixture = 10
  case labelNoise = 11
  case sampling = 12
  case points = 13
  case shapes = 14
  case waves = 15
  case drawing = 16
  case tokens = 17
  case masking = 18
  case resampling = 19
}

/// Random numbers by index: element i is a function of the stream's name and i, and nothing else.
///
/// No two streams share a Philox counter. The seed is the key; the counter's words are
///
///     0   block, counting from 0
///     1   minor (sample, shard)
///     2   major (step, epoch), low 32 bits
///     3   major, high 8 bits · unit (layer, tensor), 16 bits · purpose, 8 bits
///
/// A stream is read in one way, since all of them number the same blocks.
package struct RandomStream: Hashable, Sendable {
  private let seed: UInt64
  private let minor: UInt32
  private let major: UInt32
  private let name: UInt32

  /// The stream of one purpose at one place and time; `major` is below 2^40.
  package init(
    seed: UInt64, purpose: Purpose, unit: UInt16 = 0, major: UInt64 = 0, minor: UInt32 = 0
  ) {
    precondition(major < 1 << 40, "a stream's major number has 40 bits")
    self.seed = seed
    self.minor = minor
    self.major = UInt32(truncatingIfNeeded: major)
    name = UInt32(major >> 32) << 24 | UInt32(unit) << 8 | UInt32(purpose.rawValue)
  }

  @inline(always)
  func block(_ index: UInt32) -> Philox.Block {
    Philox.block(
      (index, minor, major, name),
      key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed &>> 32)))
  }

  /// 32 random bits: word i mod 4 of block i / 4, for i below 2^34.
  package func bits(at index: Int) -> UInt32 {
    let words = block(UInt32(index / 4))
    switch index % 4 {
    case 0: return words.0
    case 1: return words.1
    case 2: return words.2
    default: return words.3
    }
  }

  /// A multiple of 2^-24 in [0, 1).
  package func uniform(at index: Int) -> Float {
    Self.uniform(bits(at: index))
  }

  /// A multiple of 2^-53 in [0, 1), from the two words at twice the index.
  package func uniformDouble(at index: Int) -> Double {
    let high = UInt64(bits(at: 2 * index) >> 5)
    let low = UInt64(bits(at: 2 * index + 1) >> 6)
    return Double(high << 26 | low) * 0x1p-53
  }

  /// A normal number of mean 0 and deviation 1, less than 5.8 from 0 (Box and Muller 1958).
  package func normal(at index: Int) -> Float {
    let even = index & ~1
    let pair = Self.normalPair(uniform(at: even), uniform(at: even + 1))
    return index == even ? pair.0 : pair.1
  }

  /// An integer in 0 ..< n from a whole block, so that no value is favoured by more than 2^-64.
  package func integer(below n: Int, at index: Int) -> Int {
    precondition(n > 0)
    let words = block(UInt32(index))
    let upper = (UInt64(words.0) << 32 | UInt64(words.1)).multipliedFullWidth(by: UInt64(n))
    let lower = (UInt64(words.2) << 32 | UInt64(words.3)).multipliedFullWidth(by: UInt64(n))
    let carries = upper.low.addingReportingOverflow(lower.high).overflow
    return Int(upper.high) + (carries ? 1 : 0)
  }

  @inline(always)
  static func uniform(_ bits: UInt32) -> Float {
    Float(Int32(truncatingIfNeeded: bits &>> 8)) * 0x1p-24
  }

  @inline(always)
  static func normalPair(_ a: Float, _ b: Float) -> (Float, Float) {
    let radius = (-2 * Float.log(1 - a)).squareRoot()
    let angle = 0x1.921fb6p2 * b
    return (radius * Float.cos(angle), radius * Float.sin(angle))
  }
}
