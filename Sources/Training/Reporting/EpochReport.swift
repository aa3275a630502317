internal import Reports
internal import RunFiles

/// What the training thread knows after an epoch, for the report.
struct EpochReport: Sendable {
  let step: Int
  let epoch: Int
  /// Those of `metrics.jsonl`.
  let lines: [MetricsLine]
  let tensors: [LayersLine.Tensor]
  /// Nil if the layers were not looked at.
  let probe: LayerProbe.Result?
  let findings: EvaluationFindings?
  /// The weights and the last gradient, if their distributions are asked for.
  let copy: ParameterCopy?

  /// That of `layers.jsonl`.
  var line: LayersLine {
    LayersLine(step: step, epoch: epoch, tensors: tensors, dead: probe?.dead ?? [])
  }
}
