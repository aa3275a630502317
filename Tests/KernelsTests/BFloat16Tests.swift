import Kernels
import TestSupport
import Testing

@Suite struct BFloat16Tests {
  @Test func everyNumberIsKept() {
    for bits in UInt16.min...UInt16.max {
      let number = BFloat16(bitPattern: bits)
      if number.float.isNaN {
        #expect(BFloat16(number.float).float.isNaN)
      } else {
        #expect(BFloat16(number.float).bitPattern == bits)
      }
    }
  }

  /// Between every number and the next one in magnitude, of which the last is infinity.
  @Test func floatsAreRoundedToTheNearestOrTheEvenOne() {
    for upper in UInt16.min...UInt16.max where upper & 0x7FFF < 0x7F80 {
      for lower: UInt32 in [1, 0x7FFF, 0x8000, 0x8001, 0xFFFF] {
        let x = Float(bitPattern: UInt32(upper) << 16 | lower)
        let isUp = lower > 0x8000 || (lower == 0x8000 && upper % 2 == 1)
        #expect(BFloat16(x).bitPattern == (isUp ? upper + 1 : upper), "\(x)")
      }
    }
  }

  /// A float32 between would make a tie of what lies beside one.
  @Test func integersAreRoundedOnce() {
    for exponent in 8..<31 {
      for digits in Int32(128)..<256 {
        let number = digits << Int32(exponent - 7)
        let half = Int32(1) << Int32(exponent - 8)
        let (down, up) = (Float(number), Float(number) + 2 * Float(half))
        let even = digits % 2 == 0 ? down : up
        #expect(BFloat16(number).float == down)
        if exponent > 8 {
          #expect(BFloat16(number + half - 1).float == down)
          #expect(BFloat16(number + half + 1).float == up)
        }
        #expect(BFloat16(number + half).float == even && BFloat16(-number - half).float == -even)
      }
    }
    #expect(BFloat16(Int32.min).float == -0x1p31 && BFloat16(Int32(0)).bitPattern == 0)
  }

  @Test func comparisonsAreThoseOfFloats() {
    let all: [Float] = [0, -0.0, 1, -1, .infinity, .nan]
    for a in all {
      for b in all {
        let (x, y) = (BFloat16(a), BFloat16(b))
        #expect((x < y) == (a < b) && (x <= y) == (a <= b) && (x == y) == (a == b))
      }
    }
  }
}
