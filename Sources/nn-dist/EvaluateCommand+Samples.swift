internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Reports

extension EvaluateCommand {
  /// The parts of a dataset.
  enum Split: String, CaseIterable { case train, validation, test }

  /// The samples that a network is evaluated on.
  enum Samples {
    case split(Split, hasTestSet: Bool)
    case input(String)

    var name: String {
      switch self {
      case .split(.train, _): "training"
      case .split(.test, hasTestSet: false): "training (there is no test set)"
      case .split(let split, _): split.rawValue
      case .input(let path): "'\(path)'"
      }
    }

    /// Reports the symbols of a text that are no tokens, if there are some.
    static func note(unknownSymbols count: Int?) -> String? {
      guard let count, count > 0 else { return nil }
      return
        "\(count.grouped) \(count == 1 ? "symbol is no token" : "symbols are no tokens") of the"
        + " network: unknown"
    }

    var json: (String, JSONValue) {
      switch self {
      case .split(.test, hasTestSet: false): ("split", .string(Split.train.rawValue))
      case .split(let split, _): ("split", .string(split.rawValue))
      case .input(let path): ("input", .string(path))
      }
    }
  }

  /// Throws if options exclude each other.
  func checkOptions() throws(Failure) {
    if let change = arguments.overrides.first(where: { !$0.hasPrefix("data.") }) {
      throw Failure(
        .usage,
        "--set: expected a setting of the data, as data.steps=256, found '\(change)': the network "
          + "stays as it was trained")
    }
    guard arguments.input != nil else {
      guard arguments.arrayName == nil, arguments.answers == nil else {
        throw Failure(.usage, "--name and --answers need --input FILE")
      }
      return
    }
    let others = [
      ("--split", arguments.split != nil), ("--data", arguments.dataset != nil),
      ("--from", arguments.dataFolder != nil), ("--image-offset", arguments.imageOffset != nil),
      ("--set", !arguments.overrides.isEmpty),
    ]
    guard let other = others.first(where: \.1)?.0 else { return }
    throw Failure(.usage, "\(other) and --input exclude each other: choose one")
  }

  /// Returns the split of `--split`; by default the test set, or the training set if there is none.
  func part(
    of splits: Splits, _ communicator: Communicator
  ) throws(Failure) -> (Dataset, Samples) {
    try communicator.together { () throws(Failure) in
      let split = try arguments.split.map { word throws(Failure) in try Self.split(word) }
      switch split ?? .test {
      case .train: return (splits.training, .split(.train, hasTestSet: splits.hasTestSet))
      case .validation:
        guard let validation = splits.validation else {
          throw Failure(.usage, "--split validation: the data have no validation set")
        }
        return (validation, .split(.validation, hasTestSet: splits.hasTestSet))
      case .test:
        guard split == nil || splits.hasTestSet else {
          throw Failure(.usage, "--split test: the data have no test set")
        }
        return (splits.test, .split(.test, hasTestSet: splits.hasTestSet))
      }
    }
  }

  private static func split(_ word: String) throws(Failure) -> Split {
    guard let split = Split(rawValue: word) else {
      let words = Split.allCases.map(\.rawValue)
      throw Failure(
        .usage,
        "option '--split': unknown split '\(word)', expected \(words.joined(separator: ", "))"
          + Suggestion.hint(for: word, among: words))
    }
    return split
  }
}

extension Arguments {
  /// Returns the file of samples and targets of `--input`, or nil.
  func answeredInput(
    channelsFirst: Bool
  ) -> (path: String, file: LabelledInput, samples: EvaluateCommand.Samples)? {
    input.map { path in
      let file = LabelledInput(
        path, targets: answers, name: arrayName, channelsFirst: channelsFirst)
      return (path, file, .input(path))
    }
  }
}
