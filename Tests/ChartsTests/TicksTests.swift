import Charts
import Testing

@Suite struct TicksTests {
  @Test func aRangeHasRoundNumbers() {
    #expect(
      Ticks.linear(0...1, count: 5).ticks.map(\.label) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
  }
}
