internal import Checkpoints
internal import CommandLineOptions
internal import Diagnostics
internal import ModelFiles

extension Arguments {
  /// Which checkpoint of a run is meant.
  var choice: FoundCheckpoint.Choice { takesLast ? .newest : .best }

  /// The layout that was asked for; nil where the file or the layers decide.
  var weightLayout: WeightLayout? {
    get throws(Failure) {
      guard let layout else { return nil }
      guard let known = WeightLayout(rawValue: layout) else {
        let words = WeightLayout.allCases.map(\.rawValue)
        throw Failure(
          .usage,
          "option '--layout': unknown layout '\(layout)'\(Suggestion.hint(for: layout, among: words))"
        )
      }
      return known
    }
  }

  /// The release that was named as a model file's; nil where the file decides.
  var modelRelease: BrainRelease? {
    get throws(Failure) {
      guard let release else { return nil }
      guard let known = BrainRelease(release) else {
        throw Failure(.usage, "option '--release': \(BrainRelease.unknown(release))")
      }
      return known
    }
  }

  /// How a model file is to be read.
  var modelChoices: StoredModel.Choices {
    get throws(Failure) {
      StoredModel.Choices(
        layout: try weightLayout, release: try modelRelease,
        usesStoredStatistics: usesStoredStatistics)
    }
  }

  /// Refuses options that only mean something for a model file.
  func requireNoModelOptions() throws(Failure) {
    let given = [
      ("--layout", layout != nil), ("--release", release != nil),
      ("--stored-statistics", usesStoredStatistics),
      ("--data", dataset != nil), ("--image-offset", imageOffset != nil),
    ]
    guard let option = given.first(where: \.1)?.0 else { return }
    throw Failure(.usage, "\(option) is about model files, and '\(operand)' is none")
  }
}
