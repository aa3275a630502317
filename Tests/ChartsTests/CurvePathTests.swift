import Charts
import Foundation
import TestSupport
import Testing

@Suite struct CurvePathTests {
  private let x = Axis(0...10, from: 0, to: 100)
  private let y = Axis(0...1, from: 50, to: 0)

  private func path(_ values: [Double]) -> String {
    CurvePath(values.enumerated().map { (x: Double($0), y: $1) }, x: x, y: y).data
  }

  @Test func aLineGoesThroughItsPoints() {
    #expect(path([0, 0.5, 1]) == "M0 50L10 25L20 0")
    #expect(path([0.331, 0.7]) == "M0 33.5L10 15")
    #expect(path([]) == "")
  }

  @Test func aGapIsNoLineAndALonelyPointIsADot() {
    #expect(path([0, 1, .nan, 0.5, .infinity, 0, 1]) == "M0 50L10 0M30 25h0M50 50L60 0")
    #expect(path([.nan, .nan]) == "")
    #expect(path([0.5]) == "M0 25h0")
  }

  @Test func onlyPositiveNumbersHaveALogarithm() {
    let axis = Axis(0.01...1, from: 50, to: 0, isLogarithmic: true)
    let points = [0.01, 0.1, 0, -1, 1].enumerated().map { (x: Double($0), y: $1) }
    #expect(CurvePath(points, x: x, y: axis).data == "M0 50L10 25M40 0h0")
  }

  @Test func dotsAreAPath() {
    #expect(
      CurvePath(dots: [(x: 0, y: 0), (x: 1, y: .nan), (x: 10, y: 1)], x: x, y: y).data
        == "M0 50h0M100 0h0")
  }

  /// Against all points, column by column: the lowest and highest of each are there.
  @Test func ofManyPointsNoExtremeIsLost() throws {
    var random = XorShift(seed: 5)
    for count in [801, 5000, 100_000] {
      let points = (0..<count).map { index in
        let isGap = index % 997 == 500
        return (
          x: Double(index), y: isGap ? Double.nan : Double.random(in: 0...1000, using: &random)
        )
      }
      let x = Axis(0...Double(count - 1), from: 0, to: 600)
      let y = Axis(0...1000, from: 0, to: 1000)
      let data = CurvePath(points, x: x, y: y).data
      let drawn = data.split(whereSeparator: { $0 == "M" || $0 == "L" }).compactMap {
        piece -> (x: Double, y: Double)? in
        let words = piece.replacing("h0", with: "").split(separator: " ").compactMap { Double($0) }
        return words.count == 2 ? (words[0], words[1]) : nil
      }
      // Gaps and first and last points add some to four for each column.
      #expect(drawn.count <= CurvePath.limit + 4 * (count / 997 + 2))
      var expected: [Int: (low: Double, high: Double)] = [:]
      for point in points where !point.y.isNaN {
        let column = Int((x.place(of: point.x) / 600 * 200).rounded(.down))
        let known = expected[column] ?? (point.y, point.y)
        expected[column] = (min(known.low, point.y), max(known.high, point.y))
      }
      for range in expected.values {
        #expect(drawn.contains { abs($0.y - range.low) <= 0.051 })
        #expect(drawn.contains { abs($0.y - range.high) <= 0.051 })
      }
      #expect(zip(drawn, drawn.dropFirst()).allSatisfy { $0.x <= $1.x })
      #expect(data.count(where: { $0 == "M" }) >= (count > 997 ? count / 997 : 1))
    }
  }

  @Test func coordinatesHaveADecimal() {
    for (value, text) in [
      (0, "0"), (1.04, "1"), (1.05, "1.1"), (-0.04, "0"), (-0.25, "-0.3"), (1e9, "1000000"),
      (-1e9, "-1000000"),
    ] {
      #expect(CurvePath.tenths(value) == text)
    }
  }
}
