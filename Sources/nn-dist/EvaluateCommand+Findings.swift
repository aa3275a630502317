internal import CommandLineOptions
internal import Datasets
internal import Diagnostics
internal import Reports
internal import Training

extension EvaluateCommand {
  /// What an evaluation found.
  struct Findings {
    let metrics: Metrics
    let confusion: ConfusionMatrix?
    /// Those under the ROC curve of each class or label, on rank 0.
    let areas: [Double?]?
    let intervals: MetricIntervals?
    let forecast: ForecastScores?
    /// The number of samples whose translation is exactly theirs.
    let exact: Int?
  }

  func printJSON(of subject: Subject, _ findings: Findings, _ console: Console) {
    let metrics = findings.metrics
    let head: [(String, JSONValue)] =
      subject.step.map { [("checkpoint", .string(subject.file)), ("step", .integer($0))] }
      ?? [("model", .string(subject.file))]
    let unknown = subject.experiment.data.test.unknownSymbols
      .map { [("unknown_symbols", JSONValue.integer($0))] }
    let scores: [(String, JSONValue)] =
      [subject.samples.json, ("samples", .integer(metrics.samples))] + (unknown ?? [])
      + [("loss", .number(metrics.loss))]
    let threshold = subject.threshold.map { [("threshold", JSONValue.number($0))] } ?? []
    let details =
      findings.confusion?.members(areas: findings.areas)
      ?? LabelScores(metrics, areas: findings.areas ?? [])?.members(subject.labels)
      ?? findings.forecast?.members ?? []
    let translated: [(String, JSONValue)] =
      findings.exact.map { [("exact", .integer($0)), ("beam", .integer(beam))] } ?? []
    let intervals = findings.intervals.map { [$0.member] } ?? []
    console.print(
      JSONValue.object(
        head + scores + metrics.members + intervals + threshold + details + translated
      ).description)
  }

  func printLines(of subject: Subject, _ findings: Findings, _ console: Console) {
    let (metrics, test) = (findings.metrics, subject.experiment.data.test)
    console.print(
      subject.file + (subject.step.map { ", after step \($0.grouped)" } ?? "")
        + (subject.note.map { ": \($0)" } ?? ""))
    let unit = subject.experiment.measuresText ? " nats" : ""
    // Metrics that the run does not follow have a line of their own.
    let followed = arguments.metrics == nil ? subject.experiment.metrics : metrics.kinds
    let texts = metrics.values.map { metric, value in
      (
        metric: metric,
        text: text(
          of: metric, value, over: metrics.targets(of: metric), isWeighted: test.isWeighted)
      )
    }
    let own = texts.filter { followed.contains($0.metric) }.map(\.text)
    console.print(
      (["\(subject.samples.name) loss \(metrics.loss.asShortNumber)\(unit)"] + own)
        .joined(separator: "  "))
    let others = texts.filter { !followed.contains($0.metric) }.map(\.text)
    if !others.isEmpty { console.print(others.joined(separator: "  ")) }
    if let line = findings.intervals?.line { console.print(line) }
    if let threshold = subject.threshold, let names = test.targets.classNames {
      console.print(
        "'\(names[1])' is chosen where its probability is above \(threshold)")
    }
    if let note = Samples.note(unknownSymbols: test.unknownSymbols) { console.print(note) }
    let lines =
      findings.confusion?.lines(columns: console.width, areas: findings.areas)
      ?? LabelScores(metrics, areas: findings.areas ?? [])?.lines(subject.labels)
      ?? findings.forecast?.lines
    for line in lines ?? [] { console.print(line) }
    guard let exact = findings.exact else { return }
    let share = 100 * Double(exact) / Double(test.count)
    console.print(
      "translated exactly: \(share.formatted(2)) % (\(exact.grouped) of \(test.count.grouped)), "
        + (beam == 1 ? "greedy search" : "a beam of \(beam)"))
  }

  /// Returns a metric as text; a share of targets is also printed as a count.
  private func text(
    of metric: Metric, _ value: Double, over targets: Double, isWeighted: Bool
  ) -> String {
    guard metric.form == .fraction else { return "\(metric.name) \(value.asShortNumber)" }
    let share = "\(metric.name) \((100 * value).formatted(2)) %"
    // A mean over classes has no count of targets.
    guard let targets = targets.wholeNumber, targets > 0, !isWeighted else { return share }
    let count = Int((value * Double(targets)).rounded())
    return "\(share) (\(count.grouped) of \(targets.grouped))"
  }
}
