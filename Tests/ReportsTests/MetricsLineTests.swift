import Reports
import Testing

@Suite struct MetricsLineTests {
  @Test func training() {
    let line = MetricsLine(
      step: 938, epoch: 1, split: .train,
      scores: Scores(loss: 0.2841, metrics: [Metric("accuracy", 0.913), Metric("top5", 1)]),
      learningRate: 0.001, samplesPerSecond: 1234.5678)
    #expect(
      line.description
        == #"{"step": 938, "epoch": 1, "split": "train", "loss": 0.2841, "#
        + #""metrics": {"accuracy": 0.913, "top5": 1.0}, "#
        + #""learning_rate": 0.001, "samples_per_second": 1234.6}"#)
  }

  @Test func validationHasTheSameKeys() {
    let line = MetricsLine(step: 2, epoch: 1, split: .validation, scores: Scores(loss: .nan))
    #expect(
      line.description
        == #"{"step": 2, "epoch": 1, "split": "validation", "loss": null, "#
        + #""metrics": {}, "learning_rate": null, "samples_per_second": null}"#)
  }

  @Test(arguments: [(0, 0), (9, 0), (10, 1), (15, 1), (20, 3), (29, 3), (30, 4), (.max, 4)])
  func linesOfLaterStepsAreCut(step: Int, lines: Int) {
    let texts = [10, 20, 20, 30].map { step in
      "\(MetricsLine(step: step, epoch: 1, split: .train, scores: Scores(loss: 1)))\n"
    }
    let kept = texts.prefix(lines).joined().utf8.count
    for torn in [
      "", "{", "{\"step\": 3", "{\"step\": x, \n", "\n", "\u{0}\u{0}\n", "{\"step\": 1}\n",
    ] {
      let file = Array((texts.joined() + torn).utf8)
      #expect(MetricsLine.length(of: file, through: step) == kept)
    }
    #expect(MetricsLine.length(of: [], through: step) == 0)
  }
}
