import Reports
import TestSupport
import Testing

@Suite struct MetricsLineTests {
  @Test func training() {
    let line = MetricsLine(
      step: 938, epoch: 1, split: .train,
      metrics: Metrics(loss: 0.2841, [(.top(1), 0.913), (.top(5), 1)]),
      learningRate: 0.001, samplesPerSecond: 1234.5678, wallTime: 1_700_000_000.12345)
    #expect(
      line.description
        == #"{"step": 938, "epoch": 1, "split": "train", "loss": 0.2841, "#
        + #""metrics": {"accuracy": 0.913, "top5": 1.0}, "#
        + #""learning_rate": 0.001, "samples_per_second": 1234.6, "#
        + #""wall_time": 1700000000.123, "gradient_norm": null}"#)
  }

  @Test func validationHasTheSameKeys() {
    let line = MetricsLine(
      step: 2, epoch: 1, split: .validation, metrics: Metrics(loss: .nan), wallTime: 0.5)
    #expect(
      line.description
        == #"{"step": 2, "epoch": 1, "split": "validation", "loss": null, "#
        + #""metrics": {}, "learning_rate": null, "samples_per_second": null, "#
        + #""wall_time": 0.5, "gradient_norm": null}"#)
  }

  @Test func aStepHasTheNormOfItsGradient() {
    let line = MetricsLine(
      step: 3, epoch: 1, split: .step, metrics: Metrics(loss: 0.5, [(.top(1), 1)]),
      learningRate: 0.1, wallTime: 2, gradientNorm: 1.25)
    #expect(
      line.description
        == #"{"step": 3, "epoch": 1, "split": "step", "loss": 0.5, "#
        + #""metrics": {"accuracy": 1.0}, "learning_rate": 0.1, "samples_per_second": null, "#
        + #""wall_time": 2.0, "gradient_norm": 1.25}"#)
    #expect(line.values.map(\.name) == ["loss", "accuracy", "learning_rate", "gradient_norm"])
    #expect(line.values.map(\.value) == [0.5, 1, 0.1, 1.25])
  }
}
