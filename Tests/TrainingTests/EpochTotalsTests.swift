import Reports
import Testing
import Training

@Suite struct EpochTotalsTests {
  @Test func meansWeighBatchesByTheirSamples() {
    var totals = EpochTotals()
    for (loss, correct, samples) in [(2, 3, 48), (0.5, 6, 6)] {
      totals.add(
        StepReport(
          loss: loss, correct: correct, samples: samples, gradientNorm: 1, stopRequested: false))
    }
    #expect(totals.loss == 99)
    #expect(totals.samples == 54)
    #expect(totals.meanLoss == 99.0 / 54)
    #expect(totals.accuracy == 9.0 / 54)
  }

  /// Real numbers are more or less near, none is correct.
  @Test func onlyClassesHaveAnAccuracy() throws {
    var totals = EpochTotals()
    totals.loss = 6
    totals.samples = 3
    let classes = try Sample().experiment().scores(totals)
    #expect(classes.loss == 2 && classes.metrics.map(\.name) == ["accuracy"])
    let values = try exampleExperiment("mazur").scores(totals)
    #expect(values.loss == 2 && values.metrics.isEmpty)
  }

  @Test func nothingYetIsNothing() {
    #expect(EpochTotals().meanLoss == 0 && EpochTotals().accuracy == 0)
  }
}
