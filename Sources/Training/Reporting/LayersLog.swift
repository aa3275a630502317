internal import Checkpoints
internal import Diagnostics
internal import Reports
internal import RunFiles

/// Appends to `layers.jsonl`; given up at the first failure, which may leave a part of a line.
final class LayersLog {
  private let log: MetricsLog
  private var hasFailed = false

  /// Goes on after a step.
  init(_ path: String, after step: Int) throws(Failure) {
    log = try MetricsLog(path, after: step)
  }

  func append(_ line: LayersLine) throws(Failure) {
    guard !hasFailed else { return }
    do throws(Failure) {
      try log.append(line.json.description)
    } catch {
      hasFailed = true
      throw error
    }
  }
}
