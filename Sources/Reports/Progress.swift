internal import Diagnostics
internal import Glibc

/// Prints the progress of training: a line per epoch, and between them a bar on a terminal, or a
/// line every 30 seconds in a log.
///
/// Steps count from 1 over the whole run, also if it is resumed.
package final class Progress {
  private let console: Console
  private let steps: Int
  private let stepsPerEpoch: Int
  private let clock: () -> Double

  private var step = 0
  private var samples = 0
  private var stepsHere = 0
  private var loss = 0.0
  private var runStart: Double?
  private var epochStart = 0.0
  private var lastStep = 0.0
  private var nextDrawing = 0.0
  private var lastLine = 0.0

  /// Creates the progress of a run of `steps` steps; `clock` returns monotonic seconds.
  package init(
    _ console: Console, steps: Int, stepsPerEpoch: Int,
    clock: @escaping () -> Double = monotonicSeconds
  ) {
    precondition(steps > 0 && stepsPerEpoch > 0, "a run has at least one step")
    self.console = console
    self.steps = steps
    self.stepsPerEpoch = stepsPerEpoch
    self.clock = clock
  }

  /// Starts or continues an epoch, after `step` steps of the run.
  package func beginEpoch(after step: Int) {
    self.step = step
    samples = 0
    epochStart = clock()
    lastStep = epochStart
    nextDrawing = epochStart + Self.interval
    if runStart == nil { (runStart, lastLine) = (epochStart, epochStart) }
  }

  /// Records a completed step; allocates only if it draws the bar or prints a line.
  ///
  /// A step without a loss keeps the last loss on the bar.
  package func advance(loss: Double? = nil, samples count: Int = 0) {
    if let loss { self.loss = loss }
    step += 1
    stepsHere += 1
    samples += count
    let now = clock()
    // When the next step would end if it takes as long; the line is printed before it is overdue.
    let nextStep = now + (now - lastStep)
    lastStep = now
    if !console.isTerminal {
      if nextStep > lastLine + Self.intervalOfLines { printStep() }
    } else if now >= nextDrawing {
      nextDrawing = now + Self.interval
      draw()
    }
  }

  /// Records the progress of a validation, such as 3 of 10; prints a line in a log if it is due.
  package func advanceValidation(_ done: Int, of count: Int) {
    let now = clock()
    guard !console.isTerminal, now >= lastLine + Self.intervalOfLines else { return }
    lastLine = now
    console.print("step \(text(step, of: steps))  validation \(100 * done / count) %")
  }

  /// Prints the line of the epoch.
  package func endEpoch(training: Metrics, validation: Metrics? = nil) {
    var parts = ["epoch", epochText, "loss \(training.loss.asShortNumber)"]
    parts += training.values.map { $0.metric.text($0.value) }
    if let validation {
      let values =
        ["loss \(validation.loss.asShortNumber)"]
        + validation.values.map { $0.metric.text($0.value) }
      parts.append("validation \(values.joined(separator: " "))")
    }
    if let rate = samplesPerSecond { parts.append("\(rate.asRate) samples/s") }
    lastLine = clock()
    parts.append((lastLine - epochStart).asDuration)
    console.print(parts.joined(separator: "  "))
  }

  /// The throughput of the epoch's training steps, without validation and checkpoints.
  package var samplesPerSecond: Double? {
    lastStep > epochStart ? Double(samples) / (lastStep - epochStart) : nil
  }

  private static let interval = 0.1
  private static let intervalOfLines = 30.0

  /// The epoch of the last step, from 1.
  private var epoch: Int { (max(step, 1) - 1) / stepsPerEpoch + 1 }

  private var epochText: String {
    let epochs = "\((steps - 1) / stepsPerEpoch + 1)"
    return "\(epoch)".padded(to: epochs.count, .right) + "/\(epochs)"
  }

  /// Returns the steps, loss, throughput and remaining time as text.
  private func text(_ done: Int, of count: Int) -> String {
    let steps = "\(done)".padded(to: "\(count)".count, .right) + "/\(count)"
    var parts = [steps, "loss \(loss.asShortNumber)"]
    if let rate = samplesPerSecond { parts.append("\(rate.asRate) samples/s") }
    if let left = secondsLeft { parts.append("\(left.asDuration) left") }
    return parts.joined(separator: "  ")
  }

  /// Prints a line in a log; it counts the steps of the run, as the names of checkpoints do.
  private func printStep() {
    lastLine = lastStep
    console.print("step \(text(step, of: steps))")
  }

  private func draw() {
    let first = (epoch - 1) * stepsPerEpoch
    let (done, count) = (step - first, min(stepsPerEpoch, steps - first))
    let (before, after) = ("epoch \(epochText)", text(done, of: count))

    let room = console.width - 1
    let length = min(30, room - before.count - after.count - 4)
    guard length >= 5 else {
      return console.show(status: String("\(before)  \(after)".prefix(max(room, 0))))
    }
    let bar = console.bar(Double(done) / Double(max(count, 1)), length: length)
    console.show(status: "\(before)  \(bar)  \(after)")
  }

  /// The estimated remaining time, from the average since this process started the run.
  private var secondsLeft: Double? {
    guard let runStart, stepsHere > 0 else { return nil }
    return (lastStep - runStart) / Double(stepsHere) * Double(max(0, steps - step))
  }
}

extension Console {
  /// A bar of which a share is filled.
  func bar(_ share: Double, length: Int) -> String {
    let filled = min(length, max(0, Int(share * Double(length) + 1e-9)))
    return styled(String(repeating: "━", count: filled), .green)
      + styled(String(repeating: "─", count: length - filled), .dim)
  }
}

/// Returns the seconds since 1970.
package func secondsSince1970() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Returns the seconds of the monotonic clock.
package func monotonicSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
