/// What the files of a run's directory tell of it, beside its checkpoints.
///
/// Files that a run does not have, or that are damaged, leave their part empty; `notes` says why.
package struct RunRecord: Sendable {
  /// The directory.
  package var path: String
  /// The text of `config.yaml`.
  package var configuration = ""
  /// The curves of `metrics.jsonl`.
  package var metrics = MetricsSeries()
  /// The lines of `layers.jsonl`, in the order of steps.
  package var layers: [LayersLine] = []
  /// The starts of the run and how each ended, from `run.jsonl`.
  package var sessions: [RunSession] = []
  /// The contents of `report.json`.
  package var findings = Findings()
  /// The files of `samples/`, in the order of steps.
  package var samples: [SampleFile] = []
  /// What was damaged or missing, for users.
  package var notes: [String] = []

  package init(path: String) { self.path = path }

  /// The last component of the path.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// A file of samples or a text that the run made after a step.
package struct SampleFile: Sendable {
  package enum Content: Sendable {
    /// The bytes of a PNG file.
    case picture([UInt8])
    /// An SVG file; whoever shows it treats it as a picture, since it could hold a script.
    case drawing(String)
    case text(String)
  }

  package let step: Int
  package let name: String
  package let content: Content

  package init(step: Int, name: String, content: Content) {
    self.step = step
    self.name = name
    self.content = content
  }
}
