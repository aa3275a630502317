import Configuration
import Diagnostics
import Optimizers
import TestSupport
import Testing

@Suite struct PenaltyTests {
  private func penalty(_ text: String) throws -> Penalty {
    try Penalty(Settings(text: text, schema: Penalty.record))
  }

  /// What a penalty adds to a gradient of tenths, and its value.
  private func terms<Scalar: BinaryFloatingPoint>(
    _ text: String, of weights: [Scalar], _ range: Range<Int>? = nil
  ) throws -> (gradient: [Scalar], value: Double) {
    let penalty = try penalty(text)
    var gradient = [Scalar](repeating: 0.5, count: weights.count)
    let value = unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      unsafe weights.withUnsafeBufferPointer { weights in
        guard let target = gradient.baseAddress, let source = weights.baseAddress
        else { return Double.nan }
        return unsafe penalty.add(to: target, for: range ?? weights.indices, of: source)
      }
    }
    return (gradient, value)
  }

  @Test func addsSignAndWeight() throws {
    let weights = [2.0, -3, 0, -0.0, 0.5]
    #expect(try terms("{l1: 0.25}", of: weights).gradient == [0.75, 0.25, 0.5, 0.5, 0.75])
    #expect(try terms("{l2: 0.5}", of: weights).gradient == [1.5, -1, 0.5, 0.5, 0.75])
    #expect(try terms("{l1: 0.25, l2: 0.5}", of: weights).gradient == [1.75, -1.25, 0.5, 0.5, 1])
    #expect(try terms("{l1: 0.25}", of: weights).value == 0.25 * 5.5)
    #expect(try terms("{l2: 0.5}", of: weights).value == 0.25 * 13.25)
  }

  @Test(arguments: [1, 7, 8, 9, 16, 100]) func valueIsThatOfItsDerivative(_ count: Int) throws {
    let text = "{l1: 0.3, l2: 0.7}"
    let weights = noise(count, seed: 3).map { Double($0) }
    let (gradient, _) = try terms(text, of: weights)
    for i in weights.indices {
      let (step, slope) = (1e-6, gradient[i] - 0.5)
      var (above, below) = (weights, weights)
      above[i] += step
      below[i] -= step
      let rise = try terms(text, of: above).value - terms(text, of: below).value
      #expect(isClose(rise / (2 * step), slope, relative: 1e-6, absolute: 1e-8))
    }
  }

  @Test func touchesOnlyItsRange() throws {
    let weights = noise(50, seed: 4)
    let (gradient, value) = try terms("{l1: 0.3}", of: weights, 11..<32)
    #expect(
      gradient.prefix(11).allSatisfy { $0 == 0.5 } && gradient[32...].allSatisfy { $0 == 0.5 })
    #expect(gradient[11..<32].allSatisfy { $0 != 0.5 })
    #expect(isClose(value, 0.3 * weights[11..<32].reduce(0) { $0 + Double($1.magnitude) }))
  }

  @Test func noneIsNoPenalty() throws {
    #expect(try penalty("{l1: 0, l2: 0}").isZero)
    #expect(throws: Failure.self) { try penalty("{l2: -1}") }
  }
}
