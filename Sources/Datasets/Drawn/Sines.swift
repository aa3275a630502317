internal import Elementary
internal import Randomness

/// Sums of two sines with noise, and the next numbers of each, for forecasting.
///
/// Periods are from 5 to 25 steps, amplitudes from 0.5 to 1. No forecast has a mean squared error
/// below that of the noise.
package enum Sines {
  /// The deviation of the noise.
  package static let noise: Float = 0.1
}

extension DrawnDataset {
  static let sines = DrawnDataset(steps: 48, horizon: 1) { steps, horizon in
    DrawnDataset(
      series: "sines", defaultSizes: (20_000, 2000), shape: [steps, 1], targets: horizon,
      columns: CSVColumns(
        features: [
          CSVColumns.Feature(
            name: "value", content: .number(NumberColumn(mean: 0, deviation: 1)))
        ],
        target: .targets(["value"]), separator: .comma,
        window: SeriesWindow(length: steps, horizon: horizon))
    ) { Self.sum(steps, horizon, $0) }
  }

  private static func sum(
    _ steps: Int, _ horizon: Int, _ stream: (UInt64) -> RandomStream
  ) -> (numbers: [Float], targets: [Float]) {
    let (sines, noise) = (stream(0), stream(1))
    var numbers = [Float](repeating: 0, count: steps + horizon)
    unsafe numbers.withUnsafeMutableBufferPointer { unsafe noise.fill(normal: $0) }
    for place in numbers.indices { numbers[place] *= Sines.noise }
    for sine in 0..<2 {
      func draw(_ property: Int) -> Float { sines.uniform(at: 3 * sine + property) }
      let (period, amplitude) = (5 + 20 * draw(0), 0.5 + 0.5 * draw(1))
      var turn = draw(2)
      for place in numbers.indices {
        numbers[place] += amplitude * Float.sin(2 * .pi * turn)
        turn += 1 / period
        if turn >= 1 { turn -= 1 }
      }
    }
    return (Array(numbers[..<steps]), Array(numbers[steps...]))
  }
}
