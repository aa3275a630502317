#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// Where the numbers of a range stand along a line, evenly or by their logarithms.
package struct Axis: Sendable {
  package let range: ClosedRange<Double>
  /// The places of the ends of the range; that of the lower end is greater on a vertical axis.
  package let places: (low: Double, high: Double)
  package let isLogarithmic: Bool
  private let origin: Double
  private let scale: Double

  /// On a logarithmic axis the range has positive numbers only.
  package init(
    _ range: ClosedRange<Double>, from low: Double, to high: Double, isLogarithmic: Bool = false
  ) {
    self.range = range
    places = (low, high)
    self.isLogarithmic = isLogarithmic
    let (first, last) =
      isLogarithmic
      ? (log10(range.lowerBound), log10(range.upperBound)) : (range.lowerBound, range.upperBound)
    origin = first
    // A range without a width, or with one next to nothing, stands in one place.
    scale = last - first > 1e-300 ? (high - low) / (last - first) : 0
  }

  package func place(of value: Double) -> Double {
    places.low + ((isLogarithmic ? log10(value) : value) - origin) * scale
  }

  package func ticks(_ count: Int, whole: Bool = false) -> Ticks {
    isLogarithmic
      ? .logarithmic(range, count: count) : .linear(range, count: count, whole: whole)
  }

  /// The range of some numbers, with a margin; those that are not finite do not count.
  ///
  /// Without any number it is 0...1. On a logarithmic axis only positive numbers count.
  package static func range(
    of values: some Sequence<Double>, margin: Double = 0, isLogarithmic: Bool = false
  ) -> ClosedRange<Double> {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && (!isLogarithmic || value > 0) {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return isLogarithmic ? 0.1...1 : 0...1 }
    if isLogarithmic {
      let factor = high > low ? pow(high / low, margin) : 2
      return max(low / factor, .leastNormalMagnitude)...min(high * factor, .greatestFiniteMagnitude)
    }
    let space =
      high > low ? margin * (high / 2 - low / 2) * 2 : max(abs(high) * 0.1, .leastNormalMagnitude)
    let limit = Double.greatestFiniteMagnitude / 4
    let lower = max(low - space, -limit)
    return min(lower, limit)...max(min(high + space, limit), lower)
  }
}
