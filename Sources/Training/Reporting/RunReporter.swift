internal import Charts
internal import Checkpoints
internal import Datasets
package import Diagnostics
internal import Files
internal import Reports
package import RunFiles
internal import Synchronization

/// Writes what a run shows of itself: `layers.jsonl`, `report.json` and `report.html`.
///
/// The training thread hands over numbers; a background thread makes texts, pictures and pages of
/// them. A file that cannot be written does not end the run, which asks for the first failure.
package final class RunReporter: Sendable {
  fileprivate struct State: ~Copyable {
    var record: RunRecord
    var layers: MetricsLog?
    /// When the last page was ready, and how long it took.
    var pageTime = -Double.infinity
    var pageDuration = 0.0
  }

  /// The run's directory.
  private let path: String
  private let thread = SerialThread()
  /// Only the background thread changes it.
  private let state: Mutex<State>
  private let failures = Mutex(Failures())
  /// The samples that validations read.
  private let data: Dataset?
  private let clock: @Sendable () -> Double

  private struct Failures {
    var first: Failure?
    var isTold = false
  }

  /// The share of time that goes to pages.
  private static let pageShare = 1.0 / 20

  /// Goes on after a step with the files that are in the run's directory.
  package init(
    _ path: String, of experiment: Experiment, after step: Int,
    clock: @escaping @Sendable () -> Double = monotonicSeconds
  ) {
    self.path = path
    self.clock = clock
    data = experiment.data.validation
    state = Mutex(State(record: RunRecord(path: path)))
    let summary = ExperimentSummary(experiment.compiled)
    attempt { reporter throws(Failure) in
      var record = try RunRecord(reading: path)
      record.findings.network = summary.svg(theme: .page)
      if let found = record.findings.validation, found.step > step {
        record.findings.validation = nil
      }
      record.layers.removeAll { $0.step > step }
      try reporter.state.withLock { state throws(Failure) in
        state.record = record
        state.layers = try MetricsLog("\(path)/layers.jsonl", after: step)
      }
      try reporter.write(isRunning: true)
    }
  }

  /// The first failure, once.
  package func takeFailure() -> Failure? {
    failures.withLock { failures in
      guard let first = failures.first, !failures.isTold else { return nil }
      failures.isTold = true
      return first
    }
  }

  // MARK: What the training thread calls

  /// Adds lines of `metrics.jsonl`.
  func add(_ lines: [MetricsLine]) {
    attempt { reporter in reporter.state.withLock { $0.record.add(lines) } }
  }

  /// Adds an epoch, and writes a page if there is time for it.
  func add(_ report: EpochReport) {
    attempt { reporter throws(Failure) in
      let findings = try reporter.described(report.findings, after: report.step, isBest: false)
      let failure = reporter.state.withLock { state in
        state.record.add(report.lines)
        if let findings { state.record.findings.validation = findings }
        return state.add(report)
      }
      if let failure { throw failure }
      if reporter.hasTimeForPage { try reporter.write(isRunning: true) }
    }
  }

  /// Replaces the findings of the last validation by those of the best checkpoint.
  func add(_ findings: EvaluationFindings?, after step: Int, isBest: Bool) {
    attempt { reporter throws(Failure) in
      guard let findings = try reporter.described(findings, after: step, isBest: isBest) else {
        return
      }
      reporter.state.withLock { $0.record.findings.validation = findings }
    }
  }

  /// Adds how the session ended, writes the last page, and waits for it.
  package func finish(_ end: RunSession.End) {
    attempt { reporter throws(Failure) in
      reporter.state.withLock { state in
        guard let last = state.record.sessions.indices.last else { return }
        state.record.sessions[last].end = end
      }
      try reporter.write(isRunning: false)
    }
    thread.finish()
  }

  // MARK: On the background thread

  /// Does something after all that was asked for before, and keeps the first failure.
  private func attempt(_ work: @escaping @Sendable (RunReporter) throws(Failure) -> Void) {
    thread.add { [self] in
      do throws(Failure) {
        try work(self)
      } catch {
        failures.withLock { if $0.first == nil { $0.first = error } }
      }
    }
  }

  private func described(
    _ findings: EvaluationFindings?, after step: Int, isBest: Bool
  ) throws(Failure) -> ValidationFindings? {
    guard let findings, let data else { return nil }
    return try findings.described(by: data, after: step, isBest: isBest)
  }

  private var hasTimeForPage: Bool {
    let now = clock()
    return state.withLock { now - $0.pageTime >= $0.pageDuration / Self.pageShare }
  }

  /// Writes what no log holds, and the page.
  private func write(isRunning: Bool) throws(Failure) {
    let start = clock()
    let record = state.withLock { state in
      state.record.readSamples()
      return state.record
    }
    try writeAtomically(record.findings.json.description + "\n", to: "\(path)/report.json")
    let end = clock()
    state.withLock { ($0.pageTime, $0.pageDuration) = (end, end - start) }
  }
}

extension RunReporter.State {
  /// Adds the layers after an epoch to the record and to the log, which is given up if it fails.
  fileprivate mutating func add(_ report: EpochReport) -> Failure? {
    let line = LayersLine(
      step: report.step, epoch: report.epoch, tensors: report.tensors,
      dead: report.probe?.dead ?? [])
    record.layers.append(line)
    if let maps = report.probe?.sequences { record.findings.activations = maps.map(\.map) }
    do throws(Failure) {
      try layers?.append(line.json.description)
      return nil
    } catch {
      layers = nil
      return error
    }
  }
}

extension RunRecord {
  /// Adds lines of `metrics.jsonl` to the curves.
  mutating func add(_ lines: [MetricsLine]) {
    for line in lines {
      for (name, value) in line.values {
        metrics.add(
          name, line.split,
          MetricsSeries.Point(
            step: line.step, epoch: line.epoch, wallTime: line.wallTime, value: value))
      }
    }
  }
}
