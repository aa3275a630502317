internal import Diagnostics

/// Shows on a terminal how much of a file is done: a bar, the samples so far, samples per second
/// and the time left.
package final class FileProgress {
  private let console: Console
  private let clock: () -> Double
  private let start: Double
  private var nextDrawing: Double

  private static let interval = 0.1

  /// `clock` returns monotonic seconds.
  package init(_ console: Console, clock: @escaping () -> Double = monotonicSeconds) {
    self.console = console
    self.clock = clock
    start = clock()
    nextDrawing = start + Self.interval
  }

  /// Records the samples that are done, and their share of the file if its end is known.
  package func advance(samples: Int, share: Double?) {
    let now = clock()
    guard console.isTerminal, now >= nextDrawing else { return }
    nextDrawing = now + Self.interval
    let seconds = now - start
    var parts = ["\(samples.grouped) samples", "\((Double(samples) / seconds).asRate) samples/s"]
    guard let share, share > 0 else {
      return console.show(status: String(parts.joined(separator: "  ").prefix(console.width - 1)))
    }
    parts.append("\((seconds / share - seconds).asDuration) left")
    let (before, after) = ("\(Int(100 * share)) %", parts.joined(separator: "  "))
    let length = min(30, console.width - 1 - before.count - after.count - 4)
    console.show(
      status: length < 5
        ? String("\(before)  \(after)".prefix(max(console.width - 1, 0)))
        : "\(before)  \(console.bar(share, length: length))  \(after)")
  }

  package func end() { console.clearStatus() }
}
