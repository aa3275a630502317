import Charts
import Foundation
import TestSupport
import Testing

@Suite struct TicksTests {
  private func labels(_ range: ClosedRange<Double>, _ count: Int = 5, whole: Bool = false)
    -> [String]
  {
    Ticks.linear(range, count: count, whole: whole).ticks.map(\.label)
  }

  private func powers(_ range: ClosedRange<Double>) -> [String] {
    Ticks.logarithmic(range, count: 5).ticks.map(\.label)
  }

  @Test func aRangeHasRoundNumbers() {
    #expect(labels(0...1) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(0...11256, 6) == ["0", "2,000", "4,000", "6,000", "8,000", "10,000"])
    #expect(labels(-0.35...0.35) == ["-0.2", "0", "0.2"])
    #expect(labels(99.7...100.2) == ["99.7", "99.8", "99.9", "100.0", "100.1", "100.2"])
    #expect(labels(0...2.4e9) == ["0", "5e8", "1.0e9", "1.5e9", "2.0e9"])
    #expect(labels(0...3e-7) == ["0", "1e-7", "2e-7", "3e-7"])
    #expect(labels(1...3, whole: true) == ["1", "2", "3"])
    #expect(labels(7...7) == ["7"])
  }

  @Test func powersOfTenStandOnALogarithmicAxis() {
    #expect(powers(0.001...100) == ["0.001", "0.01", "0.1", "1", "10", "100"])
    #expect(powers(0.04...0.9) == ["0.05", "0.1", "0.2", "0.5"])
    // Hardly a power of ten: as on a linear axis.
    #expect(powers(0.4...0.6) == ["0.40", "0.45", "0.50", "0.55", "0.60"])
    #expect(powers(1e-12...1) == ["1e-12", "1e-9", "1e-6", "0.001", "1"])
  }

  /// Over random ranges: ticks lie within, are equally far apart, and few.
  @Test func ticksAreMultiplesOfOneStep() throws {
    var random = XorShift(seed: 11)
    for _ in 0..<2000 {
      let size = pow(10, Double.random(in: -12...12, using: &random))
      let low = Double.random(in: -3...3, using: &random) * size
      let range = low...low + Double.random(in: 0.01...1, using: &random) * size
      let span = range.upperBound - range.lowerBound
      let ticks = Ticks.linear(range, count: 5).ticks
      #expect((2...11).contains(ticks.count), "\(range)")
      let step = ticks[1].value - ticks[0].value
      for (a, b) in zip(ticks, ticks.dropFirst()) {
        #expect(abs(b.value - a.value - step) < 1e-6 * step)
      }
      let mantissa = step / pow(10, (log10(step) + 1e-9).rounded(.down))
      #expect([1, 2, 5].contains { abs($0 - mantissa) < 1e-6 }, "\(step)")
      for tick in ticks {
        #expect(tick.value >= range.lowerBound - 1e-6 * span)
        #expect(tick.value <= range.upperBound + 1e-6 * span)
        let read = try #require(Double(tick.label.replacing(",", with: "")))
        #expect(abs(read - tick.value) < 1e-6 * step, "\(tick)")
      }
      #expect(Set(ticks.map(\.label)).count == ticks.count)
    }
  }

  @Test(
    arguments: [
      0...(.infinity), -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude, 0...0,
      0...(.leastNonzeroMagnitude), 1e17...1e17 + 32,
    ] as [ClosedRange<Double>])
  func noRangeIsAFault(range: ClosedRange<Double>) {
    #expect(Ticks.linear(range, count: 5).ticks.count < 20)
    #expect(Ticks.logarithmic(range, count: 5).ticks.count < 20)
    let axis = Axis(range, from: 0, to: 100)
    #expect(!axis.place(of: range.lowerBound).isNaN || range.upperBound.isInfinite)
  }
}
