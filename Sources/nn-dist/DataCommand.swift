internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Reports
internal import Training

/// The commands `nn-dist data build`, `data fetch` and `data list`.
struct DataCommand {
  let command: Command
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let arguments = arguments
    switch command {
    case .dataFetch:
      let lines = try communicator.onFirstRank { () throws(Failure) in
        var lines: [String] = []
        try StoredDataset(named: arguments.operand).fetch { lines.append($0) }
        return lines
      }
      for line in lines ?? [] { console.print(line) }
    case .dataList:
      let datasets = try communicator.onFirstRank { () throws(Failure) in
        DataPaths.standard.datasets.map { Known($0) }
      }
      list(datasets ?? [], console)
      // Like ls: list the others, then fail with the first that cannot be read.
      _ = try communicator.onFirstRank { () throws(Failure) in
        if let failure = (datasets ?? []).lazy.compactMap(\.failure).first { throw failure }
      }
    default:
      let preparation = try communicator.onFirstRank { () throws(Failure) in
        try Self.dataset(arguments).prepare()
      }
      if let preparation { report(preparation, console) }
    }
    return .done
  }

  // MARK: Building

  private static func dataset(_ arguments: Arguments) throws(Failure) -> StoredDataset {
    guard arguments.operand.hasSuffix(".yaml") else {
      guard arguments.overrides.isEmpty else {
        throw Failure(
          .usage, "--set changes a configuration file, but '\(arguments.operand)' is a dataset")
      }
      return try StoredDataset(named: arguments.operand)
    }
    let configuration = try RunConfiguration(file: arguments.operand, set: arguments.overrides)
    guard let dataset = try configuration.data.stored(seed: configuration.seed) else {
      throw Failure(.usage, "the dataset of '\(arguments.operand)' needs no files and no cache")
    }
    return dataset
  }

  private func report(_ preparation: StoredDataset.Preparation, _ console: Console) {
    guard arguments.printsJSON else { return console.print(preparation.description) }
    let built = preparation.built
    console.print(
      JSONValue.object([
        ("dataset", .string(preparation.name)),
        ("cache", .string(preparation.cache)),
        ("built", .boolean(built != nil)),
        ("samples", built.map { .integer($0.samples) } ?? .null),
        ("ignored_targets", built.map { .integer($0.ignoredTargets) } ?? .null),
        ("bytes", built.map { .integer($0.bytes) } ?? .null),
        ("seconds", built.map { .number($0.seconds) } ?? .null),
      ]).description)
  }

  // MARK: Listing

  private struct Known: Sendable {
    let name: String
    let about: String
    let folder: String?
    let isCached: Bool
    /// The failure of reading its descriptor.
    let failure: Failure?

    init(_ name: String) {
      self.name = name
      do throws(Failure) {
        let dataset = try StoredDataset(named: name)
        about = dataset.about
        (folder, isCached) = dataset.state
        failure = nil
      } catch {
        (about, folder, isCached, failure) = ("its descriptor cannot be read", nil, false, error)
      }
    }
  }

  private func list(_ datasets: [Known], _ console: Console) {
    guard !arguments.printsJSON else {
      console.print(
        JSONValue.array(
          datasets.map { dataset in
            .object([
              ("dataset", .string(dataset.name)), ("about", .string(dataset.about)),
              ("folder", dataset.folder.map { .string($0) } ?? .null),
              ("cached", .boolean(dataset.isCached)),
              ("error", dataset.failure.map { .string($0.message) } ?? .null),
            ])
          }
        ).description)
      return
    }
    var table = Table([.left("dataset"), .left("description"), .left("files"), .left("cache")])
    for dataset in datasets {
      table.add([
        dataset.name, dataset.about,
        dataset.failure == nil ? dataset.folder ?? "data fetch \(dataset.name)" : "-",
        dataset.failure == nil ? dataset.isCached ? "ready" : "none" : "-",
      ])
    }
    for line in table.lines { console.print(line) }
  }
}
