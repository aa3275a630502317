internal import Checkpoints
internal import Diagnostics
internal import Reports

/// The lines of steps that `metrics.jsonl` does not have yet.
struct StepLog {
  private var lines: [MetricsLine] = []
  /// When lines were written last, in seconds.
  private(set) var time = -Double.infinity
  /// Why some could not be written.
  private(set) var failure: Failure?

  mutating func add(_ line: MetricsLine) { lines.append(line) }

  /// Writes the lines, and gives them to the report.
  mutating func write(to log: borrowing MetricsLog?, _ reporter: RunReporter?, at now: Double) {
    time = now
    guard !lines.isEmpty, failure == nil else { return }
    do throws(Failure) {
      try log?.append(lines.map(\.description).joined(separator: "\n"))
    } catch {
      failure = error
    }
    reporter?.add(lines)
    lines.removeAll(keepingCapacity: true)
  }
}
