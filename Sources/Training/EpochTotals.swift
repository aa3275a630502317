package import Networks
package import Reports

/// What training has come to since the epoch began: part of a checkpoint, so that an epoch that was
/// interrupted reports the same figures.
package struct EpochTotals: Equatable, Sendable {
  package var loss = 0.0
  package var correct = 0
  package var samples = 0

  package init() {}

  package mutating func add(_ report: StepReport) {
    loss += report.loss * Double(report.samples)
    correct += report.correct
    samples += report.samples
  }

  package var meanLoss: Double { loss / Double(max(1, samples)) }
  package var accuracy: Double { Double(correct) / Double(max(1, samples)) }

  package func scores(_ labels: LabelKind) -> Scores { labels.scores(meanLoss, accuracy) }
}

extension Evaluation {
  package func scores(_ labels: LabelKind) -> Scores { labels.scores(loss, accuracy) }
}

extension LabelKind {
  /// Only classes can be found; real numbers are more or less near.
  fileprivate func scores(_ loss: Double, _ accuracy: Double) -> Scores {
    switch self {
    case .classes: Scores(loss: loss, metrics: [Metric("accuracy", accuracy)])
    case .values: Scores(loss: loss)
    }
  }
}
