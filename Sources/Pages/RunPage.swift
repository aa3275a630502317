internal import Charts
internal import Reports
package import RunFiles

/// The report of a run as an HTML page: what its files tell, the most asked for first.
///
/// A part without data does not appear.
package struct RunPage: Sendable {
  let record: RunRecord
  /// Whether the run trains while the page is written.
  let isRunning: Bool

  package init(_ record: RunRecord, isRunning: Bool = false) {
    self.record = record
    self.isRunning = isRunning
  }

  /// The page.
  package var html: String {
    var data = PageData([record])
    let parts = parts(&data)
    return Page.html(title: "\(record.name): report", data: data) { page in
      page.element("header") { page in
        page.element("h1", record.name)
        addOutcome(to: &page)
        addContents(of: parts, to: &page)
      }
      page.newline()
      page.element("main") { page in
        page.newline()
        for part in parts { page.section(part.identifier, part.heading) { $0.add(part.markup) } }
      }
      page.newline()
    }
  }

  /// A section of the page.
  struct Part {
    let identifier: String
    let heading: String
    let markup: Markup
  }

  private func parts(_ data: inout PageData) -> [Part] {
    var parts: [Part] = []
    func add(_ identifier: String, _ heading: String, _ write: (inout Markup) -> Void) {
      var markup = Markup()
      write(&markup)
      guard !markup.text.isEmpty else { return }
      parts.append(Part(identifier: identifier, heading: heading, markup: markup))
    }
    add("notes", "Damaged files", addNotes)
    let heading = record.metrics.isAdversarial ? "Last values" : "Best values"
    add("figures", heading, addFigures)
    add("curves", "Curves") { addCurves(to: &$0, &data) }
    add("layers", "Layers") { addLayers(to: &$0, &data) }
    if let validation = record.findings.validation {
      add("answers", "Answers") { addAnswers(of: validation, to: &$0, &data) }
      add("worst", "Worst samples") { addWorst(of: validation, to: &$0) }
    }
    add("samples", "Samples over time", addSamples)
    add("activations", "Activations") { addActivations(to: &$0, &data) }
    add("network", "Network", addNetwork)
    add("configuration", "Configuration", addConfiguration)
    add("sessions", "Machine and sessions", addSessions)
    return parts
  }

  private func addContents(of parts: [Part], to page: inout Markup) {
    guard parts.count > 1 else { return }
    page.element("nav", ["aria-label": "Parts of the report"]) { page in
      for part in parts { page.element("a", ["href": "#\(part.identifier)"], part.heading) }
    }
  }

  private func addNotes(to page: inout Markup) {
    guard !record.notes.isEmpty else { return }
    page.element("p", "Some of the run's files could not be read whole. All else is shown.")
    page.element("ul", ["class": "notes"]) { page in
      for note in record.notes { page.element("li", note) }
    }
  }

  private func addConfiguration(to page: inout Markup) {
    guard !record.configuration.isEmpty else { return }
    page.element("pre", ["class": "copied", "tabindex": "0"], record.configuration)
  }
}
