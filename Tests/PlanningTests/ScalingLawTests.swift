import Testing
import Diagnostics

@testable import Planning

@Suite struct ScalingLawTests {
  private static func constants(_ name: String) throws -> ScalingConstants {
    try #require(ScalingConstants.published.first { $0.name == name })
  }

  /// The optimum of published constants, to the digits that are printed.
  @Test(arguments: [
    ("hoffmann", 1e18, "8.058e7", "25.7", "3.5353"),
    ("hoffmann", 1e19, "2.280e8", "32.1", "2.9857"),
    ("hoffmann", 1e21, "1.824e9", "50.1", "2.3289"),
    ("hoffmann", 5.76e23, "3.219e10", "92.7", "1.9307"),
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
    let plan = ComputePlan(compute: compute, constants: try Self.constants(name))
    #expect(plan.parameters.asCount == parameters)
    #expect(plan.tokensPerParameter.formatted(1) == ratio)
    #expect(plan.loss.formatted(4) == loss)
  }

  /// Chinchilla: 70e9 parameters, 1.4e12 tokens.
  @Test(arguments: [("hoffmann", "1.9366"), ("hoffmann-tex", "1.9208"), ("epoch", "1.9734")])
  func chinchilla(name: String, loss: String) throws {
    let law = try Self.constants(name).law
    #expect(law.loss(parameters: 70e9, tokens: 1.4e12).formatted(4) == loss)
  }
}
