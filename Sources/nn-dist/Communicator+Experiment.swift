internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Reports
internal import Training

extension Communicator {
  /// Returns the experiment of a configuration file, on all ranks.
  func experiment(
    _ arguments: Arguments, _ console: Console
  ) throws(Failure) -> Experiment {
    try experiment(
      configuration(arguments), arguments.printsJSON ? .silent : console)
  }

  /// Returns the experiment of a configuration, on all ranks; rank 0 prepares its data if needed.
  ///
  /// `known` is the sample coding of a trained network, if the data must match it.
  func experiment(
    _ configuration: RunConfiguration, as known: KnownCoding? = nil, _ console: Console
  ) throws(Failure) -> Experiment {
    let cache = try prepare(configuration.data, seed: configuration.seed, as: known, console)
    return try together { () throws(Failure) in
      try Experiment(configuration, cache: cache, as: known)
    }
  }

  /// Returns the splits of a dataset, on all ranks; rank 0 prepares it if needed.
  func splits(
    _ data: DataConfiguration, seed: UInt64, as known: KnownCoding?, _ console: Console
  ) throws(Failure) -> Splits {
    let cache = try prepare(data, seed: seed, as: known, console)
    return try together { () throws(Failure) in
      try data.load(seed: seed, cache: cache, as: known)
    }
  }

  /// Returns the data of a trained network's run, on all ranks.
  func splits(_ scoring: CheckpointEvaluation, _ console: Console) throws(Failure) -> Splits {
    let configuration = scoring.configuration
    let cache = try prepare(
      configuration.data, seed: configuration.seed, as: KnownCoding(scoring.coding), console)
    return try together { () throws(Failure) in try scoring.splits(cache: cache) }
  }

  /// Returns the samples of a file with targets, on all ranks, in the coding of a network.
  func samples(
    _ input: LabelledInput, for coding: SampleCoding, _ console: Console
  ) throws(Failure) -> Dataset {
    let cache = try prepared(console) { () throws(Failure) in
      StoredDataset(input, for: coding)
    }
    return try together { () throws(Failure) in try Dataset(input: cache, for: coding) }
  }

  /// Returns the compiled experiment of a configuration file, on all ranks.
  func compiledExperiment(_ arguments: Arguments, _ console: Console) throws(Failure)
    -> CompiledExperiment
  {
    let configuration = try configuration(arguments)
    let cache = try prepare(
      configuration.data, seed: configuration.seed, arguments.printsJSON ? .silent : console)
    return try together { () throws(Failure) in try CompiledExperiment(configuration, cache: cache)
    }
  }

  private func configuration(_ arguments: Arguments) throws(Failure) -> RunConfiguration {
    try together { () throws(Failure) in
      try RunConfiguration(file: arguments.operand, set: arguments.overrides)
    }
  }

  /// Returns the cache of a dataset, built if needed; nil if it needs none.
  private func prepare(
    _ data: DataConfiguration, seed: UInt64, as known: KnownCoding? = nil, _ console: Console
  ) throws(Failure) -> String? {
    guard data.hasFiles else { return nil }
    return try prepared(console) { () throws(Failure) in try data.stored(seed: seed, as: known) }
  }

  private func prepared(
    _ console: Console, _ dataset: @escaping @Sendable () throws(Failure) -> StoredDataset?
  ) throws(Failure) -> String {
    let preparation = try onFirstRank { () throws(Failure) in try dataset()?.prepare() }
    if let preparation = preparation ?? nil, preparation.built != nil {
      console.print("prepared \(preparation.description)")
    }
    return try broadcast((preparation ?? nil)?.cache ?? "")
  }
}

extension StoredDataset.Preparation {
  /// The size, build time and path of the cache.
  var description: String {
    guard let built else { return "\(name) is up to date at '\(cache)'" }
    let ignored =
      built.ignoredTargets > 0 ? ", \(built.ignoredTargets.grouped) targets ignored" : ""
    let unknown =
      built.unknownSymbols > 0
      ? ", \(built.unknownSymbols.grouped) \(built.unknownSymbols == 1 ? "symbol" : "symbols") unknown"
      : ""
    return "\(name): \(built.samples.grouped) samples in \(built.seconds.formatted(1)) s, "
      + "\(built.bytes.asBytes) at '\(cache)'\(ignored)\(unknown)"
  }
}
