/// What training has come to since the epoch began: part of a checkpoint, so that an epoch that was
/// interrupted reports the same figures.
package struct EpochTotals: Equatable, Sendable {
  package var loss = 0.0
  package var counters = Counters()
  package var samples = 0

  package init() {}

  package mutating func add(_ report: StepReport) {
    guard report.network == 0 else {
      // The figures of an adversarial run are of the critic's steps, and this one of the generator's.
      counters[0] += report.loss * Double(report.samples)
      counters[Measure.samplesMade] += Double(report.samples)
      return
    }
    loss += report.loss * Double(report.samples)
    counters += report.counters
    samples += report.samples
  }

  package var meanLoss: Double { loss / Double(max(1, samples)) }
}
