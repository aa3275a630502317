import Diagnostics
import Elementary
import TestSupport
import Testing

import Planning

@Suite struct ScalingLawTests {
  private static func constants(_ name: String) throws -> ScalingConstants {
    try #require(ScalingConstants.published.first { $0.name == name })
  }

  /// The optimum of published constants, to the digits that are printed.
  @Test(arguments: [
    ("hoffmann", 1e18, "8.058e7", "25.7", "3.5353"),
    ("hoffmann", 1e19, "2.280e8", "32.1", "2.9857"),
    ("hoffmann", 1e21, "1.824e9", "50.1", "2.3289"),
    ("hoffmann", 5.76e23, "3.219e10", "92.6", "1.9307"),
    ("hoffmann-tex", 1e18, "9.466e7", "18.6", "3.4481"),
    ("hoffmann-tex", 1e19, "2.708e8", "22.7", "2.9218"),
    ("hoffmann-tex", 1e21, "2.217e9", "33.9", "2.2955"),
    ("hoffmann-tex", 5.76e23, "4.036e10", "58.9", "1.9184"),
    ("epoch", 1e18, "8.062e7", "25.6", "3.4891"),
    ("epoch", 1e19, "2.625e8", "24.2", "2.9260"),
    ("epoch", 1e21, "2.782e9", "21.5", "2.3048"),
    ("epoch", 5.76e23, "7.235e10", "18.3", "1.9740"),
  ])
  func publishedOptimum(
    name: String, compute: Double, parameters: String, ratio: String, loss: String
  ) throws {
    let plan = try ComputePlan(flops: compute, constants: Self.constants(name))
    #expect(plan.parameters.asCount == parameters)
    #expect(plan.tokensPerParameter.formatted(1) == ratio)
    #expect(plan.loss.formatted(4) == loss)
    #expect(abs(6 * plan.parameters * plan.tokens / compute - 1) < 1e-12)
  }

  @Test(arguments: [("hoffmann", "0.4516"), ("hoffmann-tex", "0.4565"), ("epoch", "0.5126")])
  func exponents(name: String, exponent: String) throws {
    #expect(try Self.constants(name).law.parameterExponent.formatted(4) == exponent)
  }

  /// Chinchilla: 70e9 parameters, 1.4e12 tokens.
  @Test(arguments: [("hoffmann", "1.9366"), ("hoffmann-tex", "1.9208"), ("epoch", "1.9734")])
  func chinchilla(name: String, loss: String) throws {
    let law = try Self.constants(name).law
    #expect(law.loss(parameters: 70e9, tokens: 1.4e12).formatted(4) == loss)
  }

  /// The closed form is where a search finds the least loss.
  @Test func theOptimumIsTheMinimum() {
    var numbers = XorShift(seed: 3)
    for _ in 0..<200 {
      let law = ScalingLaw(
        e: .random(in: 0...2, using: &numbers), a: .random(in: 1...1000, using: &numbers),
        b: .random(in: 1...3000, using: &numbers), alpha: .random(in: 0.1...1, using: &numbers),
        beta: .random(in: 0.1...1, using: &numbers))
      let compute = Double.exp(.random(in: 20...55, using: &numbers))
      func loss(_ logarithm: Double) -> Double {
        let parameters = Double.exp(logarithm)
        return law.loss(parameters: parameters, tokens: compute / 6 / parameters)
      }
      var (lower, upper) = (-60.0, 120.0)
      while upper - lower > 1e-9 {
        let thirds = (lower + (upper - lower) / 3, upper - (upper - lower) / 3)
        if loss(thirds.0) < loss(thirds.1) { upper = thirds.1 } else { lower = thirds.0 }
      }
      let found = law.optimum(compute: compute).parameters
      // Near a minimum the loss has half of the digits of its place.
      #expect(abs(Double.log(found) - lower) < 1e-4)
      #expect(loss(.log(found)) <= loss(lower) + 1e-12)
    }
  }

  @Test func countsHaveFourDigits() {
    #expect(262_468_028.9.asCount == "2.625e8")
    #expect(6.35e9.asCount == "6.350e9")
    #expect(99_999.4.asCount == "99,999")
    #expect(99_999.5.asCount == "1.000e5")
    #expect(999_960_000.0.asCount == "1.000e9")
    #expect(14_512.3.asCount == "14,512")
    #expect(1.5.asCount == "1.5")
    #expect(1e300.asCount == "1.000e300")
    #expect(1e19.asCompute == "1e19")
    #expect(5.76e23.asCompute == "5.76e23")
    #expect(4096.0.asCompute == "4096")
  }
}
