import Reports
import TestSupport
import Testing

@Suite struct MetricsLineTests {
  @Test func training() {
    let line = MetricsLine(
      step: 938, epoch: 1, split: .train,
      metrics: Metrics(loss: 0.2841, [(.top(1), 0.913), (.top(5), 1)]),
      learningRate: 0.001, samplesPerSecond: 1234.5678)
    #expect(
      line.description
        == #"{"step": 938, "epoch": 1, "split": "train", "loss": 0.2841, "#
        + #""metrics": {"accuracy": 0.913, "top5": 1.0}, "#
        + #""learning_rate": 0.001, "samples_per_second": 1234.6}"#)
  }

  @Test func validationHasTheSameKeys() {
    let line = MetricsLine(step: 2, epoch: 1, split: .validation, metrics: Metrics(loss: .nan))
    #expect(
      line.description
        == #"{"step": 2, "epoch": 1, "split": "validation", "loss": null, "#
        + #""metrics": {}, "learning_rate": null, "samples_per_second": null}"#)
  }
}
