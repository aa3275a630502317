import Elementary
import Foundation

/// Arguments over a range: a dense grid, random numbers, and random magnitudes near zero.
func arguments<T: ElementaryFunctions>(_ range: ClosedRange<T>, seed: UInt64 = 1) -> [T] {
  var generator = SplitMix(state: seed)
  let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
  var result = (0...20_000).map { T(low + (high - low) * Double($0) / 20_000) }
  for _ in 0..<20_000 {
    let u = Double(generator.next() >> 11) * 0x1p-53
    result.append(T(low + (high - low) * u))
    let tiny = Foundation.exp2(-30 * u) * (generator.next() & 1 == 0 ? high : low)
    result.append(T(tiny))
  }
  return result.filter { range.contains($0) }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// The largest error, in units of the last place, and where it was.
func worst<T: ElementaryFunctions>(
  _ f: (T) -> T, _ expected: (Double) -> Double, over xs: [T]
) -> (ulps: Double, at: T) {
  var result: (ulps: Double, at: T) = (0, 0)
  for x in xs {
    let exact = expected(Double(x))
    let unit = Double(max(T(exact).magnitude, T.leastNormalMagnitude).ulp)
    let error = (Double(f(x)) - exact).magnitude / unit
    if !(error <= result.ulps) { result = (error, x) }
  }
  return result
}
