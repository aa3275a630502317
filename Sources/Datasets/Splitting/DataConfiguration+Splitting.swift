internal import Configuration
internal import Diagnostics

extension SplitSettings {
  /// The ways to split that a configuration can name.
  static let records = [
    Record("random", help: "Any samples, chosen by the seed."),
    Record("stratified", help: "Each class has its share in each set."),
    Record(
      "group", main: "column",
      keys: [
        Key("column", .text, help: "the column of a table, by whose words samples are grouped")
      ],
      help: "All samples with the same word in a column of a table are in the same set."),
    Record(
      "column", main: "column",
      keys: [
        Key("column", .text, help: "the column of a table with train, validation or test")
      ],
      help: "A column of a table names the set of each sample: train, validation (or val) or test."),
  ]
}

extension SplitSettings.Method {
  fileprivate init(_ settings: Settings) {
    self =
      switch settings.name {
      case "stratified": .stratified
      case "group": .group(column: settings.text("column"))
      case "column": .column(settings.text("column"))
      default: .random
      }
  }
}

extension DataConfiguration {
  private var method: SplitSettings.Method { .init(settings.section("split")) }
  /// Nil where a fold is the test set.
  private var testShare: Double? { fold == nil ? settings.optionalNumber("test") : nil }

  /// The fold that is the test set, if one of several is.
  package var fold: Fold? { settings.optionalText("fold").flatMap { Fold($0) } }

  /// Whether the size of each set follows from the number of samples alone.
  var hasFixedSizes: Bool { method == .random && fold == nil && testShare == nil }

  /// Refuses ways to split that contradict each other or do not suit the dataset.
  func checkSplit() throws(Failure) {
    if let text = settings.optionalText("fold"), fold == nil {
      throw settings.failure(
        at: "fold",
        "expected the number of a fold and that of all folds, as 2/5 for the second of five, found "
          + "'\(text)'")
    }
    switch method {
    case .column:
      let key =
        validation.share != nil
        ? "validation" : testShare != nil ? "test" : fold != nil ? "fold" : nil
      if let key {
        throw settings.failure(
          at: key, "the column of split names the set of each sample: leave \(key) or split out")
      }
      fallthrough
    case .group: if !hasFiles { throw refuse("split", "takes a column of a table in files") }
    case .random, .stratified, .end: break
    }
    if hasStreams, let key = fold != nil ? "fold" : method != .random ? "split" : nil {
      throw refuse(key, "of streams the end is held out, as samples follow each other")
    }
    if testShare != nil, case .drawn = source { throw refuse("test", "\(name) has a test set") }
  }

  private func refuse(_ key: String, _ reason: String) -> Failure {
    settings.failure(at: key, "\(reason): leave it out")
  }

  /// How the training samples are divided; nil if all of them are learned from.
  private func splitSettings(seed: UInt64) -> SplitSettings? {
    let isColumn = if case .column = method { true } else { false }
    guard validation.share != nil || testShare != nil || fold != nil || isColumn else { return nil }
    return SplitSettings(
      method: hasStreams ? .end : method, validation: validation.share, test: testShare, fold: fold,
      limit: settings.optionalInteger("train_samples"), seed: seed)
  }

  /// How the reader divides the records of a table; nil where sets are divided when they are
  /// loaded.
  func split(
    of descriptor: DatasetDescriptor, seed: UInt64
  ) throws(Failure) -> SplitSettings? {
    let isOrdered = descriptor.isText || descriptor.source.isSeries
    if isOrdered {
      let kind = descriptor.isText ? "a text" : "a series"
      let reason =
        "\(kind) is held out at its end, by \(descriptor.isText ? "a file for test" : "window.test") "
        + "and validation"
      if method != .random { throw refuse("split", reason) }
      if let key = fold != nil ? "fold" : testShare != nil ? "test" : nil {
        throw refuse(key, reason)
      }
      return nil
    }
    guard descriptor.source.isTable else {
      switch method {
      case .group, .column: throw refuse("split", "\(descriptor.name) has no columns")
      case .random, .stratified, .end: return nil
      }
    }
    return splitSettings(seed: seed)
  }

  /// Whether the sets of a cache are those of a table that its reader has divided.
  func dividesWhenRead(_ training: Dataset, seed: UInt64) -> Bool {
    guard let columns = training.columns, columns.window == nil else { return false }
    return splitSettings(seed: seed) != nil
  }

  /// The sets of samples that were read or drawn as a whole.
  func divided(
    _ sets: (training: Dataset, test: Dataset?, heldOut: Dataset?), seed: UInt64
  ) throws(Failure) -> (training: Dataset, test: Dataset?, heldOut: Dataset?) {
    let whole = sets.training
    // A random share alone is that of `Splits`.
    guard !hasFixedSizes, !dividesWhenRead(whole, seed: seed), var split = splitSettings(seed: seed)
    else { return sets }
    guard testShare == nil || sets.test == nil else {
      throw refuse("test", "\(name) has a test set")
    }
    // The first samples were chosen before.
    split.limit = nil
    let parts = try split.parts(of: whole.count, keys(of: whole, split), in: name)
    func set(_ part: SamplePart) -> Dataset? {
      let places = parts.indices.filter { parts[$0] == part }.map { Int32($0) }
      return places.isEmpty ? nil : whole.selecting(places)
    }
    return (set(.training) ?? whole, set(.test) ?? sets.test, set(.validation))
  }

  private func keys(
    of samples: Dataset, _ split: SplitSettings
  ) throws(Failure) -> SampleKeys? {
    guard split.method == .stratified else { return nil }
    guard case .classes(let labels, let names, []) = samples.targets else {
      throw settings.failure(
        at: "split", "stratified needs one class for each sample, and \(name) has none: use random")
    }
    var keys = SampleKeys()
    for sample in 0..<Int32(samples.count) {
      let label = Int(labels[Int(samples.location(of: sample))])
      keys.add(label < 0 ? nil : names[label])
    }
    return keys
  }
}
