internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  /// How a run ended, in words.
  struct Outcome {
    /// The class of its colour: `good`, `open` or `bad`.
    let style: String
    let word: String
    /// The reason or the message.
    var message = ""
    /// The command that goes on with the run.
    var next = ""
  }

  func addOutcome(to page: inout Markup) {
    let outcome = Outcome(record, isRunning: isRunning)
    page.element("p", ["class": "outcome"]) { page in
      page.element("strong", ["class": "badge \(outcome.style)"], outcome.word)
      let progress = progress
      if !progress.isEmpty { page.element("span", ["class": "progress"], progress) }
    }
    if !outcome.message.isEmpty {
      page.element("p", ["class": "message \(outcome.style)"], outcome.message)
    }
    if !outcome.next.isEmpty {
      page.element("p", ["class": "next"]) { page in
        page.write("To continue: ")
        page.element("code", ["class": "copied"], outcome.next)
      }
    }
  }

  /// `3 epochs, 2,814 steps, 40 s`.
  private var progress: String {
    let points = record.metrics.curves.lazy.compactMap(\.points.last)
    let epochs = record.epochs
    let steps = max(
      points.map(\.step).max() ?? 0, record.sessions.last?.end?.step ?? 0)
    var words: [String] = []
    if epochs > 0 { words.append(epochs == 1 ? "1 epoch" : "\(epochs.grouped) epochs") }
    if steps > 0 { words.append(steps == 1 ? "1 step" : "\(steps.grouped) steps") }
    if let seconds = record.secondsOfTraining { words.append(seconds.asDuration) }
    return words.joined(separator: ", ")
  }
}

extension RunPage.Outcome {
  init(_ record: RunRecord, isRunning: Bool) {
    guard let session = record.sessions.last else {
      self.init(style: "open", word: isRunning ? "running" : "how it ended is not recorded")
      return
    }
    guard let end = session.end else {
      if isRunning {
        // A killed run cannot write its page again, so the last one has a time.
        let time = record.metrics.curves.compactMap(\.points.last?.wallTime).max()
        let epoch = time.flatMap(Timestamp.text).map { "The last epoch ended at \($0). " } ?? ""
        self.init(
          style: "open", word: "running",
          message: epoch
            + "Load the page again to see newer epochs; nn-dist report tells whether the"
            + " run was killed.")
      } else {
        self.init(
          style: "bad", word: "killed",
          message: "The program was ended from outside, or the machine stopped: nothing was"
            + " written at its end.", next: Self.resuming(session.start.command))
      }
      return
    }
    self.init(end)
  }

  init(_ end: RunSession.End) {
    switch end.outcome {
    case .finished: self.init(style: "good", word: "finished")
    case .stoppedEarly: self.init(style: "good", word: "stopped early")
    case .timeIsUp: self.init(style: "open", word: "time is up")
    case .stopped: self.init(style: "open", word: "stopped on request")
    case .failed: self.init(style: "bad", word: "failed with exit code \(end.code)")
    }
    message = end.message
    next = end.next
  }

  /// The command of a session without `--fresh` and with `--resume`.
  private static func resuming(_ command: String) -> String {
    guard !command.isEmpty else { return "" }
    let words = command.split(separator: " ").filter { $0 != "--fresh" }
    return (words.contains("--resume") ? words : words + ["--resume"]).joined(separator: " ")
  }
}

extension MetricsSeries {
  /// The time of the last line before a time; nil if there is none.
  func lastTime(before limit: Double) -> Double? {
    curves.compactMap { curve in
      curve.points.last { ($0.wallTime ?? .infinity) < limit }?.wallTime
    }.max()
  }
}

extension RunRecord {
  /// The whole epochs of the run.
  var epochs: Int {
    metrics.curves.lazy.filter { $0.split != .step }.compactMap { $0.points.last?.epoch }.max() ?? 0
  }

  /// The seconds of all sessions; nil if one of them is not known.
  var secondsOfTraining: Double? {
    guard !sessions.isEmpty else { return nil }
    var sum = 0.0
    for (place, session) in sessions.enumerated() {
      let next = place + 1 < sessions.count ? sessions[place + 1].start.time : .infinity
      guard let end = session.end?.time ?? metrics.lastTime(before: next) else { return nil }
      sum += max(0, end - session.start.time)
    }
    return sum
  }
}
