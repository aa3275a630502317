internal import Diagnostics
internal import Glibc

/// The course of a training run: a bar on a terminal, elsewhere a line at least every 30 seconds, and
/// a line an epoch everywhere.
///
/// Steps count from 1 over the whole run; a resumed run begins after the steps it has.
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

  /// The progress of a run of so many steps; the clock tells seconds from any fixed point.
  package init(
    _ console: Console, steps: Int, stepsPerEpoch: Int,
    clock: @escaping () -> Double = monotonicSeconds
  ) {
    precondition(steps > 0 && stepsPerEpoch > 0, "a run has steps")
    self.console = console
    self.steps = steps
    self.stepsPerEpoch = stepsPerEpoch
    self.clock = clock
  }

  /// Notes that the next step starts or goes on with an epoch, after so many steps of the run.
  package func beginEpoch(after step: Int) {
    self.step = step
    samples = 0
    epochStart = clock()
    lastStep = epochStart
    nextDrawing = epochStart + Self.interval
    if runStart == nil { (runStart, lastLine) = (epochStart, epochStart) }
  }

  /// Notes that a step is done; allocates nothing unless the bar or a line is due.
  ///
  /// A step without a loss of its own leaves the last one on the bar.
  package func advance(loss: Double? = nil, samples count: Int = 0) {
    if let loss { self.loss = loss }
    step += 1
    stepsHere += 1
    samples += count
    let now = clock()
    // One that takes as long would be done too late for the line.
    let nextStep = now + (now - lastStep)
    lastStep = now
    if !console.isTerminal {
      if nextStep > lastLine + Self.intervalOfLines { printStep() }
    } else if now >= nextDrawing {
      nextDrawing = now + Self.interval
      draw()
    }
  }

  /// Notes that a part of a validation is done, such as 3 of 10; a log gets a line if one is due.
  package func advanceValidation(_ done: Int, of count: Int) {
    let now = clock()
    guard !console.isTerminal, now >= lastLine + Self.intervalOfLines else { return }
    lastLine = now
    console.print("step \(text(step, of: steps))  validation \(100 * done / count) %")
  }

  /// Writes the epoch's line.
  package func endEpoch(training: Metrics, validation: Metrics? = nil) {
    var parts = ["epoch", epochText, "loss \(training.loss.asFigure)"]
    parts += training.values.map { $0.metric.text($0.value) }
    if let validation {
      let values =
        ["loss \(validation.loss.asFigure)"]
        + validation.values.map { $0.metric.text($0.value) }
      parts.append("validation \(values.joined(separator: " "))")
    }
    if let rate = samplesPerSecond { parts.append("\(rate.asRate) samples/s") }
    lastLine = clock()
    parts.append((lastLine - epochStart).asDuration)
    console.print(parts.joined(separator: "  "))
  }

  /// The speed of the epoch's training steps so far, without what follows them.
  package var samplesPerSecond: Double? {
    lastStep > epochStart ? Double(samples) / (lastStep - epochStart) : nil
  }

  private static let interval = 0.1
  private static let intervalOfLines = 30.0

  /// The epoch that the last step belongs to, counted from 1.
  private var epoch: Int { (max(step, 1) - 1) / stepsPerEpoch + 1 }

  private var epochText: String {
    let epochs = "\((steps - 1) / stepsPerEpoch + 1)"
    return "\(epoch)".padded(to: epochs.count, .right) + "/\(epochs)"
  }

  /// Loss, speed and the time that is left, after so many steps of a number.
  private func text(_ done: Int, of count: Int) -> String {
    let steps = "\(done)".padded(to: "\(count)".count, .right) + "/\(count)"
    var parts = [steps, "loss \(loss.asFigure)"]
    if let rate = samplesPerSecond { parts.append("\(rate.asRate) samples/s") }
    if let left = secondsLeft { parts.append("\(left.asDuration) left") }
    return parts.joined(separator: "  ")
  }

  /// Prints a line for a log; its steps are those of the run, as in the names of checkpoints.
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
    let filled = min(length, max(0, done * length / max(count, 1)))
    let bar =
      console.styled(String(repeating: "━", count: filled), .green)
      + console.styled(String(repeating: "─", count: length - filled), .dim)
    console.show(status: "\(before)  \(bar)  \(after)")
  }

  /// The rest of the run at the pace since it began here, all that happens between steps included.
  private var secondsLeft: Double? {
    guard let runStart, stepsHere > 0 else { return nil }
    return (lastStep - runStart) / Double(stepsHere) * Double(max(0, steps - step))
  }
}

/// Seconds that pass evenly whatever is done to the time of day.
package func monotonicSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
