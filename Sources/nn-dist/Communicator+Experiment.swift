internal import CommandLineOptions
internal import Communication
internal import Datasets
internal import Diagnostics
internal import Reports
internal import Training

extension Communicator {
  /// The experiment of a configuration file, on all ranks.
  func experiment(
    _ arguments: Arguments, _ console: Console
  ) throws(Failure) -> Experiment {
    try experiment(
      configuration(arguments), arguments.answersInJSON ? .silent : console)
  }

  /// The experiment of a configuration, on all ranks; rank 0 prepares its data first if need be.
  ///
  /// The data are coded as a network knows them, if that is given.
  func experiment(
    _ configuration: RunConfiguration, as known: KnownCoding? = nil, _ console: Console
  ) throws(Failure) -> Experiment {
    let cache = try prepare(configuration.data, as: known, console)
    return try together { () throws(Failure) in
      try Experiment(configuration, cache: cache, as: known)
    }
  }

  /// The parts of a dataset, on all ranks; rank 0 prepares it first if need be.
  func splits(
    _ data: DataConfiguration, as known: KnownCoding?, _ console: Console
  ) throws(Failure) -> Splits {
    let cache = try prepare(data, as: known, console)
    return try together { () throws(Failure) in
      try data.load(seed: 1, cache: cache, as: known)
    }
  }

  /// The data of a trained network's run, on all ranks.
  func splits(_ scoring: Scoring, _ console: Console) throws(Failure) -> Splits {
    let cache = try prepare(
      scoring.configuration.data, as: KnownCoding(scoring.coding), console)
    return try together { () throws(Failure) in try scoring.splits(cache: cache) }
  }

  /// The samples of a file with answers, on all ranks, coded as a network knows them.
  func samples(
    _ input: LabelledInput, for coding: SampleCoding, _ console: Console
  ) throws(Failure) -> Dataset {
    let cache = try prepared(console) { () throws(Failure) in
      StoredDataset(input, for: coding)
    }
    return try together { () throws(Failure) in try Dataset(input: cache, for: coding) }
  }

  /// The design of a configuration file, on all ranks.
  func design(_ arguments: Arguments, _ console: Console) throws(Failure) -> Design {
    let configuration = try configuration(arguments)
    let cache = try prepare(configuration.data, arguments.answersInJSON ? .silent : console)
    return try together { () throws(Failure) in try Design(configuration, cache: cache) }
  }

  private func configuration(_ arguments: Arguments) throws(Failure) -> RunConfiguration {
    try together { () throws(Failure) in
      try RunConfiguration(file: arguments.operand, set: arguments.overrides)
    }
  }

  /// The cache of a dataset, made if need be; nil if it needs none.
  private func prepare(
    _ data: DataConfiguration, as known: KnownCoding? = nil, _ console: Console
  ) throws(Failure) -> String? {
    guard data.hasFiles else { return nil }
    return try prepared(console) { () throws(Failure) in try data.stored(as: known) }
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
  /// What was made, in how long, and where it is.
  var description: String {
    guard let built else { return "\(name) is up to date at '\(cache)'" }
    let ignored =
      built.ignoredTargets > 0 ? ", \(built.ignoredTargets.grouped) targets ignored" : ""
    return "\(name): \(built.samples.grouped) samples in \(built.seconds.formatted(1)) s, "
      + "\(built.bytes.asBytes) at '\(cache)'\(ignored)"
  }
}
