internal import Charts
internal import Checkpoints
internal import Datasets
package import Diagnostics
internal import Files
internal import Pages
internal import Reports
package import RunFiles
internal import Synchronization

/// Writes what a run shows of itself: `layers.jsonl`, `report.json` and `report.html`, and event
/// files of TensorBoard.
///
/// The training thread hands over numbers; a background thread makes texts, pictures and pages of
/// them. A file that cannot be written does not end the run, which asks for the first failure.
package final class RunReporter: @unchecked Sendable {
  private let path: String
  private let writesReport: Bool
  /// The samples that validations read.
  private let data: Dataset?
  private let thread = SerialThread()
  private let failures = Mutex(Failures())
  private let clock: @Sendable () -> Double

  private struct Failures {
    var first: Failure?
    var isTold = false
  }

  // The thread alone uses these, one function after the other.
  private var record: RunRecord
  private var layers: LayersLog?
  private var events: RunEvents?
  private var textActivations: [ActivationMap] = []
  /// When the last page was ready, and how long it took.
  private var pageTime = -Double.infinity
  private var pageDuration = 0.0

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
    record = RunRecord(path: path)
    let schedule = experiment.configuration.schedule
    writesReport = schedule.writesReport
    if schedule.writesReport {
      let summary = ExperimentSummary(experiment.compiled)
      attempt { reporter throws(Failure) in
        reporter.layers = try LayersLog("\(path)/layers.jsonl", after: step)
        try reporter.read(after: step)
        reporter.record.findings.network = summary.svg(theme: .page)
        try reporter.write(isRunning: true)
      }
    }
    if schedule.writesEvents {
      let configuration = experiment.configuration
      attempt { reporter throws(Failure) in
        reporter.events = try RunEvents("\(path)/tensorboard", of: configuration, after: step)
      }
    }
  }

  /// The first failure, once; nil where the run's directory is gone: the run itself fails then.
  package func takeFailure() -> Failure? {
    guard isDirectory(path) else { return nil }
    return failures.withLock { failures in
      guard let first = failures.first, !failures.isTold else { return nil }
      failures.isTold = true
      return first
    }
  }

  // MARK: What the training thread calls

  /// Adds lines of `metrics.jsonl`.
  func add(_ lines: [MetricsLine]) {
    attempt { reporter in reporter.record.add(lines) }
    attempt { reporter throws(Failure) in try reporter.events?.add(lines) }
  }

  /// Adds an epoch, and writes a page if there is time for it.
  func add(_ report: EpochReport) {
    add(report.lines)
    attempt { reporter throws(Failure) in
      // First of all: the next epoch waits for the copy.
      defer { report.copy?.release() }
      try reporter.events?.add(report)
    }
    guard writesReport else { return }
    attempt { reporter throws(Failure) in
      // Those of a text that the network writes say more than those of a sample.
      if !reporter.textActivations.isEmpty {
        reporter.record.findings.activations = reporter.textActivations
      } else if let probe = report.probe {
        reporter.record.findings.activations = probe.maps
      }
      let line = report.line
      reporter.record.layers.append(line)
      try reporter.layers?.append(line)
    }
    attempt { reporter throws(Failure) in
      try reporter.take(report.findings, after: report.step, isBest: false)
      let wait = reporter.pageDuration / Self.pageShare
      if reporter.clock() - reporter.pageTime >= wait { try reporter.write(isRunning: true) }
    }
  }

  /// Adds a file of `samples/`, and what layers did while it was made.
  func add(sample file: String, _ activations: [ActivationMap], after step: Int) {
    let time = secondsSince1970()
    attempt { reporter throws(Failure) in
      reporter.textActivations = activations
      try reporter.events?.add(sample: file, after: step, time: time)
    }
  }

  /// Replaces the findings of the last validation, as by those of the best checkpoint.
  func add(_ findings: EvaluationFindings?, after step: Int, isBest: Bool) {
    attempt { reporter throws(Failure) in
      try reporter.take(findings, after: step, isBest: isBest)
    }
  }

  /// Adds how the session ended, writes the last page, and waits for it.
  package func finish(_ end: RunSession.End) {
    attempt { reporter throws(Failure) in try reporter.events?.end(end) }
    if writesReport {
      attempt { reporter throws(Failure) in
        if let last = reporter.record.sessions.indices.last {
          reporter.record.sessions[last].end = end
        }
        try reporter.write(isRunning: false)
      }
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

  /// Reads the files of the run, which an earlier session may have left behind the step.
  private func read(after step: Int) throws(Failure) {
    record = try RunRecord(reading: path)
    record.layers.removeAll { $0.step > step }
    if let found = record.findings.validation, found.step > step {
      record.findings.validation = nil
    }
  }

  private func take(
    _ findings: EvaluationFindings?, after step: Int, isBest: Bool
  ) throws(Failure) {
    guard writesReport, let findings, let data else { return }
    record.findings.validation = try findings.described(by: data, after: step, isBest: isBest)
  }

  /// Writes what no log holds, and the page.
  private func write(isRunning: Bool) throws(Failure) {
    let start = clock()
    defer {
      pageTime = clock()
      pageDuration = pageTime - start
    }
    record.readSamples()
    try writeAtomically(record.findings.json.description + "\n", to: "\(path)/report.json")
    try writeAtomically(
      RunPage(record, isRunning: isRunning).html, to: "\(path)/report.html")
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
