package import Diagnostics
internal import Files

/// The event files of a run, which TensorBoard shows: a folder with curves of training and
/// validation in folders of their own, so that both lie over each other.
///
/// Not for several threads at once. The first failure is thrown; after it nothing is written, since
/// a reader would stop at the record that is not whole.
package final class EventLog {
  /// Where curves are.
  package enum Place: String, CaseIterable, Sendable {
    /// What belongs to neither: learning rates, steps.
    case run = ""
    case training = "train"
    case validation
  }

  private let folder: String
  private var files: [Place: EventFile] = [:]
  private var hasFailed = false

  /// Goes on after a step: events of later steps go, so that no point is there twice.
  package init(_ folder: String, after step: Int) throws(Failure) {
    self.folder = folder
    for place in Place.allCases { try EventFile.cut(path(of: place), after: step) }
  }

  /// Before the first step: the settings of the run, and the text of its configuration.
  package func begin(
    _ settings: [(name: String, value: Hyperparameter)], configuration: String, time: Double
  ) throws(Failure) {
    try append(
      .run, step: 0, time,
      [
        Event.start(settings, time: time),
        Event.text(Event.configurationTag, configuration.asCodeOfMarkdown),
      ])
  }

  /// Numbers under their names.
  package func scalars(
    _ values: [(name: String, value: Double)], _ place: Place, step: Int, time: Double
  ) throws(Failure) {
    guard !values.isEmpty else { return }
    try append(place, step: step, time, values.map { Event.number($0.name, $0.value) })
  }

  /// The distribution of numbers; where some are not finite, their count is a scalar of its own.
  package func histogram(
    _ tag: String, _ values: Span<Float>, step: Int, time: Double
  ) throws(Failure) {
    let histogram = Histogram(values)
    let shown = histogram.count > 0 ? [Event.histogram(tag, histogram)] : []
    let others =
      histogram.notFinite > 0
      ? [Event.number("\(tag)/not_finite", Double(histogram.notFinite))] : []
    guard !(shown + others).isEmpty else { return }
    try append(.run, step: step, time, shown + others)
  }

  /// The bytes of a PNG file.
  package func picture(
    _ tag: String, png bytes: [UInt8], step: Int, time: Double
  ) throws(Failure) {
    try append(.run, step: step, time, [Event.picture(tag, try PNGPicture(bytes))])
  }

  /// A text, shown as it is.
  package func text(
    _ tag: String, _ text: String, step: Int, time: Double
  ) throws(Failure) {
    try append(.run, step: step, time, [Event.text(tag, text.asCodeOfMarkdown)])
  }

  /// After the last step: how the session ended.
  package func end(_ status: SessionStatus, step: Int, time: Double) throws(Failure) {
    try append(.run, step: step, time, [Event.end(status, time: time)])
  }

  private func append(
    _ place: Place, step: Int, _ time: Double, _ values: [Message]
  ) throws(Failure) {
    guard !hasFailed else { return }
    do throws(Failure) {
      try file(place, time: time).append(Event(values, step: step, time: time))
    } catch {
      hasFailed = true
      throw error
    }
  }

  private func file(_ place: Place, time: Double) throws(Failure) -> EventFile {
    if let file = files[place] { return file }
    let path = path(of: place)
    try makeDirectories(directoryName(path))
    let file = try EventFile(path, time: time)
    files[place] = file
    return file
  }

  /// TensorBoard knows files of events by `tfevents` in their names.
  private func path(of place: Place) -> String {
    (place == .run ? folder : "\(folder)/\(place.rawValue)") + "/events.out.tfevents"
  }
}

extension String {
  /// Indented: Markdown shows such lines as they are, whatever is in them.
  fileprivate var asCodeOfMarkdown: String {
    split(omittingEmptySubsequences: false) { $0.isNewline }.map { "    \($0)" }
      .joined(separator: "\n")
  }
}
