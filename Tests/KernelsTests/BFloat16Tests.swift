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
}
