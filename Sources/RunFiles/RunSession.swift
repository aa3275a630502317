package import Reports

/// One start of a run and how it ended: two lines of `run.jsonl`.
package struct RunSession: Sendable {
  /// The line that is written before the first step.
  package struct Start: Sendable {
    /// Seconds since 1970.
    package var time: Double
    /// The step after which it began.
    package var step: Int
    package var version: String
    /// As it could be typed again.
    package var command: String
    package var host: String
    package var processor: String
    package var cores: Int
    package var ranks: Int
    package var workers: Int
    package var engine: String

    package init(
      time: Double, step: Int, version: String, command: String, host: String, processor: String,
      cores: Int, ranks: Int, workers: Int, engine: String
    ) {
      self.time = time
      self.step = step
      self.version = version
      self.command = command
      self.host = host
      self.processor = processor
      self.cores = cores
      self.ranks = ranks
      self.workers = workers
      self.engine = engine
    }
  }

  /// The line that is written when it ends; a killed run has none.
  package struct End: Sendable {
    package enum Outcome: String, CaseIterable, Sendable {
      case finished
      case stoppedEarly = "stopped_early"
      case timeIsUp = "time_is_up"
      case stopped
      case failed
    }

    package var time: Double
    package var step: Int
    package var outcome: Outcome
    /// The reason of early stopping, or the message of the failure; may be empty.
    package var message: String
    /// The exit code.
    package var code: Int
    /// The command that goes on with the run; empty where there is nothing to do.
    package var next: String

    package init(
      time: Double, step: Int, outcome: Outcome, message: String, code: Int, next: String
    ) {
      self.time = time
      self.step = step
      self.outcome = outcome
      self.message = message
      self.code = code
      self.next = next
    }
  }

  package var start: Start
  package var end: End?

  package init(start: Start, end: End? = nil) {
    self.start = start
    self.end = end
  }
}

extension RunSession.Start {
  /// The line without a newline.
  package var json: JSONValue {
    .object([
      ("event", .string("start")), ("wall_time", .number(time)), ("step", .integer(step)),
      ("version", .string(version)), ("command", .string(command)), ("host", .string(host)),
      ("processor", .string(processor)), ("cores", .integer(cores)), ("ranks", .integer(ranks)),
      ("workers", .integer(workers)), ("engine", .string(engine)),
    ])
  }
}

extension RunSession.End {
  /// The line without a newline.
  package var json: JSONValue {
    .object([
      ("event", .string("end")), ("wall_time", .number(time)), ("step", .integer(step)),
      ("outcome", .string(outcome.rawValue)), ("message", .string(message)),
      ("code", .integer(code)), ("next", .string(next)),
    ])
  }
}

extension RunSession.Start {
  /// Reads a line; nil if it is another one.
  init?(_ line: JSONValue) {
    guard line["event"]?.text == "start" else { return nil }
    self.init(
      time: line["wall_time"]?.double ?? .nan, step: line["step"]?.integer ?? 0,
      version: line["version"]?.text ?? "", command: line["command"]?.text ?? "",
      host: line["host"]?.text ?? "", processor: line["processor"]?.text ?? "",
      cores: line["cores"]?.integer ?? 0, ranks: line["ranks"]?.integer ?? 1,
      workers: line["workers"]?.integer ?? 1, engine: line["engine"]?.text ?? "")
  }
}

extension RunSession.End {
  /// Reads a line; nil if it is another one.
  init?(_ line: JSONValue) {
    guard line["event"]?.text == "end",
      let outcome = line["outcome"]?.text.flatMap(Outcome.init(rawValue:))
    else { return nil }
    self.init(
      time: line["wall_time"]?.double ?? .nan, step: line["step"]?.integer ?? 0,
      outcome: outcome, message: line["message"]?.text ?? "", code: line["code"]?.integer ?? 0,
      next: line["next"]?.text ?? "")
  }
}
