import Reports
import Testing

@Suite struct ForecastScoresTests {
  private static let targets = Metric.Targets.values(width: 2, isField: false)
  private static let rmse = Metric.rootMeanSquare.fitted(to: targets)

  private func record(_ values: [Float], _ truth: [Float], ignoresSome: Bool = false) -> Metrics {
    var record = Metrics([Self.rmse])
    unsafe values.withUnsafeBufferPointer { values in
      unsafe truth.withUnsafeBufferPointer { truth in
        guard let values = values.baseAddress, let truth = truth.baseAddress else { return }
        let predictions = unsafe ValuePredictions(
          values, truth, samples: 2, size: 2, width: 2, ignoresSome: ignoresSome, factors: [])
        Self.rmse.add(predictions, to: &record, at: record.place(ofMetric: 0))
      }
    }
    return record
  }

  private func scores(_ record: Metrics) -> ForecastScores? {
    ForecastScores(
      record, ["y +1", "y +2"], units: [10, 10], lastValue: [1, 2], autoregression: [3, 4])
  }

  @Test func errorsOfEachTargetInItsUnit() throws {
    let record = record([1, 2, 3, 4], [1, 5, 6, 8])
    // Squares 0 and 9, 9 and 16.
    #expect(record["rmse"] == (34 / 4.0).squareRoot())
    let rows = try #require(scores(record)).rows
    #expect(rows.map(\.error) == [10 * 4.5.squareRoot(), 10 * 12.5.squareRoot()])
    #expect(rows.map(\.lastValue) == [1, 2] && rows.map(\.autoregression) == [3, 4])
    #expect(scores(record)?.lines.last?.hasPrefix("y +2") == true)
    #expect(scores(Metrics([.meanAbsoluteError])) == nil)
  }

  @Test func ignoredTargetsCountNowhere() throws {
    let record = record([1, 2, 3, 4], [.nan, 5, 6, .nan], ignoresSome: true)
    #expect(record["rmse"] == 3)
    #expect(try #require(scores(record)).rows.map(\.error) == [30, 30])
  }
}
