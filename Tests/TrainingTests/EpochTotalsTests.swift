import Reports
import Testing
import Training

@Suite struct EpochTotalsTests {
  @Test func meansWeighBatchesByTheirSamples() {
    var totals = EpochTotals()
    for (loss, correct, samples) in [(2, 3, 48), (0.5, 6, 6)] {
      totals.add(
        StepReport(
          loss: loss, counters: Counters(Double(correct), 0, 0, 0, 0, 0, 0, 2), samples: samples,
          gradientNorm: 1))
    }
    #expect(totals.loss == 99)
    #expect(totals.samples == 54)
    #expect(totals.meanLoss == 99.0 / 54)
    #expect(totals.counters == Counters(9, 0, 0, 0, 0, 0, 0, 4))
  }

  @Test func scoresAreMeansOverSamples() throws {
    var totals = EpochTotals()
    totals.loss = 6
    totals.counters = Counters(1, 2, 0, 0, 0, 0, 0, 0)
    totals.samples = 4
    let classes = try Sample().experiment().scores(totals)
    #expect(classes == Scores(loss: 1.5, metrics: [Metric("accuracy", 0.25)]))
    let values = try exampleExperiment("mazur").scores(totals)
    #expect(
      values
        == Scores(loss: 1.5, metrics: [Metric("mae", 0.25, .number), Metric("r2", 0.5, .number)]))
  }

  @Test func nothingYetIsNothing() {
    #expect(EpochTotals().meanLoss == 0)
  }
}
