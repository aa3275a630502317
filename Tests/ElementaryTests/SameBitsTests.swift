import Elementary
import TestSupport
import Testing

/// Bits recorded once: any processor and any later compiler must give them again.
@Suite struct SameBits {
  init() { useSubnormals() }

  @Test func float() {
    #expect(fingerprint(Float.self) == 13_140_791_285_230_780_379)
  }

  @Test func double() {
    #expect(fingerprint(Double.self) == 6_523_762_838_674_413_608)
  }

  func fingerprint<T: ElementaryFunctions>(_: T.Type) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for i in -2000...2000 {
      let x = T(i) / 32
      let values = [
        T.exp(x), T.expMinusOne(x), T.log(x.magnitude + 1 / 64), T.logOnePlus(x.magnitude),
        T.tanh(x), T.sigmoid(x), T.sin(x), T.cos(x), T.erf(x),
      ]
      for value in values { hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3 }
    }
    return hash
  }
}
