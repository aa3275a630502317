import Elementary
import Foundation
import TestSupport
import Testing

@Suite struct Power {
  init() { useSubnormals() }

  @Test(arguments: [0.9, 0.999, -0.999, 1.0001, 2, -3, 0.1] as [Double])
  func matchesLibrary(_ base: Double) {
    for n in [0, 1, 2, 3, 10, 31, 100, 255, 600, -1, -7, -300] {
      let exact = Foundation.pow(base, Double(n))
      #expect((Double.power(base, n) - exact).magnitude <= 2e-16 * exact.magnitude)
    }
  }

  @Test func staysAccurateForLongRuns() {
    // The bases are the nearest doubles; the powers come from 40-digit arithmetic.
    #expect((Double.power(0.999, 100_000) / 3.5385276883431277e-44 - 1).magnitude < 1e-15)
    #expect((Double.power(1.0000001, 10_000_000) / 2.7182816941320816 - 1).magnitude < 1e-15)
  }

  @Test func limits() {
    #expect(Double.power(0, 0) == 1)
    #expect(Double.power(0, 5) == 0)
    #expect(Double.power(0, -1) == .infinity)
    #expect(Double.power(0.5, 5000) == 0)
    #expect(Double.power(2, 5000) == .infinity)
    #expect(Double.power(2, -5000) == 0)
    #expect(Double.power(0.5, .max) == 0)
    #expect(Double.power(1, .min) == 1)
    #expect(Double.power(.nan, 2).isNaN)
    #expect(Float.power(0.9, 10) == Float(Foundation.pow(Double(Float(0.9)), 10)))
  }
}
