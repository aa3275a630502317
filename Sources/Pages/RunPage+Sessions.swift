internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  /// The network's drawing, as far as it holds nothing but a drawing.
  func addNetwork(to page: inout Markup) {
    guard let text = record.findings.network, let drawing = SafeDrawing(text) else { return }
    page.element("div", ["class": "wide network", "tabindex": "0"]) { $0.add(drawing.markup) }
  }

  /// A row for each session: when, on what, with what command, and how it ended.
  func addSessions(to page: inout Markup) {
    guard !record.sessions.isEmpty else { return }
    for (place, session) in record.sessions.enumerated() {
      let start = session.start
      page.element("div", ["class": "session"]) { page in
        if record.sessions.count > 1 {
          page.element("h3", place == 0 ? "Start" : "Continued from step \(start.step.grouped)")
        }
        page.element("pre", ["class": "copied", "tabindex": "0"], start.command)
        page.element("dl", ["class": "facts"]) { page in
          for (name, value) in facts(session, isLast: place == record.sessions.count - 1)
          where !value.isEmpty {
            page.element("div") { page in
              page.element("dt", name)
              page.element("dd", value)
            }
          }
        }
      }
      page.newline()
    }
    page.element("p", ["class": "about"], "Directory: \(record.path)")
  }

  private func facts(_ session: RunSession, isLast: Bool) -> [(String, String)] {
    let start = session.start
    let cores = start.cores == 1 ? "1 core" : "\(start.cores.grouped) cores"
    let ranks = start.ranks == 1 ? "1 rank" : "\(start.ranks.grouped) ranks"
    let workers =
      (start.workers == 1 ? "1 worker" : "\(start.workers.grouped) workers")
      + (start.ranks == 1 ? "" : " each")
    var facts = [
      ("began", Timestamp.text(start.time) ?? ""), ("host", start.host),
      ("processor", start.processor.isEmpty ? "" : "\(start.processor), \(cores)"),
      ("processes", "\(ranks), \(workers)"), ("engine", start.engine),
      ("version", start.version),
    ]
    if let end = session.end {
      facts += [
        ("ended", Timestamp.text(end.time) ?? ""),
        ("duration", max(0, end.time - start.time).asDuration),
        ("after step", end.step.grouped),
        ("how", RunPage.Outcome(end).word + (end.message.isEmpty ? "" : ": \(end.message)")),
      ]
    } else {
      facts.append(
        ("how", isLast && isRunning ? "running" : "killed: nothing was written at its end"))
    }
    return facts
  }
}
