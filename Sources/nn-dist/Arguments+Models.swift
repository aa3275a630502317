internal import Checkpoints
internal import CommandLineOptions
internal import Diagnostics
internal import ModelFiles

extension Arguments {
  /// Which checkpoint of a run to use.
  var choice: ResolvedCheckpoint.Choice { takesLast ? .newest : .best }

  /// The layout of `--layout`; nil to use that of the file or of the layers.
  var weightLayout: WeightLayout? {
    get throws(Failure) {
      guard let layout else { return nil }
      guard let known = WeightLayout(rawValue: layout) else {
        let words = WeightLayout.allCases.map(\.rawValue)
        throw Failure(
          .usage,
          "option '--layout': unknown layout '\(layout)'"
            + Suggestion.hint(for: layout, among: words)
        )
      }
      return known
    }
  }

  /// The release of `--release`; nil to use that of the file.
  var modelRelease: BrainRelease? {
    get throws(Failure) {
      guard let release else { return nil }
      guard let known = BrainRelease(release) else {
        throw Failure(.usage, "option '--release': \(BrainRelease.unknown(release))")
      }
      return known
    }
  }

  /// The options for reading a model file.
  var modelChoices: StoredModel.Choices {
    get throws(Failure) {
      StoredModel.Choices(
        layout: try weightLayout, release: try modelRelease,
        usesStoredStatistics: usesStoredStatistics)
    }
  }

  /// Throws if an option is given that applies only to model files.
  func requireNoModelOptions() throws(Failure) {
    let given = [
      ("--layout", layout != nil), ("--release", release != nil),
      ("--stored-statistics", usesStoredStatistics),
      ("--data", dataset != nil), ("--image-offset", imageOffset != nil),
    ]
    guard let option = given.first(where: \.1)?.0 else { return }
    throw Failure(.usage, "\(option) applies only to model files, and '\(operand)' is not one")
  }
}
