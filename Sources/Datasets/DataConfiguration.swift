package import Configuration
package import Diagnostics
internal import Processes

/// The `data` section of a configuration: which dataset, and how it is served.
package struct DataConfiguration: Sendable {
  package let source: Source
  package let batch: Int
  package let dropsLast: Bool
  package let validation: Splits.Validation
  let settings: Settings

  package enum Source: Equatable, Sendable {
    case made(Made)
    /// What a descriptor tells of.
    case named(String)
    /// Files that the configuration itself describes.
    case described(Settings)
  }

  /// Datasets that need no files.
  package enum Made: Equatable, Sendable {
    case digits(Digits.Style)
    case points(Points)
    case shapes
    case waves
    /// Samples that stand in the configuration.
    case table

    package init?(_ name: String) {
      switch name {
      case "digits": self = .digits(.grey)
      case "colour_digits": self = .digits(.colour)
      case "shapes": self = .shapes
      case "waves": self = .waves
      case "table": self = .table
      default:
        guard let points = Points(rawValue: name) else { return nil }
        self = .points(points)
      }
    }

    /// The names of all.
    package static let names =
      ["digits", "colour_digits", "shapes", "waves"] + Points.allCases.map(\.rawValue) + ["table"]
  }

  package static let record = Record(
    "data", main: "dataset",
    keys: [
      Key(
        "dataset", .oneOf([.text, DatasetSource.kind]),
        help:
          "what to learn from: \(Made.names.joined(separator: ", ")), the name of a descriptor, "
          + "or files of one's own"),
      Key(
        "from", .text, default: .absent, effect: .nothing,
        help: "the folder of the files; left out, NAME in NN_DIST_DATA or in data"),
      Key(
        "train_samples", .integer(in: 1...Int(Int32.max)), default: .absent,
        help: "size of the training set, its first samples (digits of both kinds: 10000, points:"
          + " 50000, shapes and waves: 4000)"),
      Key(
        "test_samples", .integer(in: 1...Int(Int32.max)), default: .absent,
        help: "size of the test set, its first samples (digits of both kinds: 2000, points:"
          + " 10000, shapes and waves: 1000)"),
    ] + Table.keys + [
      Key(
        "batch", .integer(in: 1...1_000_000), default: 64,
        help: "samples in a step, over all ranks"),
      Key(
        "drop_last", .boolean, default: false,
        help: "leave out the last batch of an epoch when it is short"),
      Key(
        "normalise", .oneOf([.boolean, .choice(["symmetric"])]), default: true,
        help:
          "bring all numbers to mean 0 and deviation 1, those of a csv column by column if it says"
          + " standardise, but not those of a table; false leaves pixels from 0 to 1 and other numbers"
          + " as they are; symmetric leaves pixels from -1 to 1, as tanh makes them"),
      Key(
        "validation", .oneOf([.choice(["test", "none"]), .number(in: .above(0, below: 1))]),
        default: "test",
        help: "what is watched during training: the test set, a share of the training set"
          + " that is held out, or none; without a test set, test is none"),
      Key(
        "augment", .record(Augmentation.record), default: .absent,
        help: "random changes of the training images"),
    ],
    help: "the dataset and how it is served")

  package init(_ settings: Settings) {
    self.settings = settings
    source =
      switch settings.value("dataset") {
      case .variant(let files): .described(files)
      case let name: Made(name.text).map { .made($0) } ?? .named(name.text)
      }
    batch = settings.integer("batch")
    dropsLast = settings.boolean("drop_last")
    validation =
      switch settings.value("validation") {
      case .number(let share): .share(share)
      case .choice("none"): .none
      default: .test
      }
  }

  /// A dataset by its name alone, all of it.
  package init(dataset name: String, from folder: String? = nil) throws(Failure) {
    let settings = [("dataset", name), ("from", folder)].compactMap { key, value in
      value.map { "\(key)=\(doubleQuoted($0))" }
    }
    self.init(try Settings(text: "batch: 1", set: settings, schema: Self.record))
  }

  /// The folder of the files, as it was written.
  package var folder: String? { settings.optionalText("from") }

  /// Whether images in arrays have their channels in front.
  package var hasChannelsFirst: Bool {
    guard case .described(let files) = source, files.name == HDF5Arrays.record.name else {
      return false
    }
    return HDF5Arrays.hasChannelsFirst(files)
  }

  /// The dataset if it lies in files, which may be read as a network knows them.
  package func stored(
    as known: KnownCoding? = nil, in places: DataPlaces = .standard
  ) throws(Failure) -> StoredDataset? {
    try checkKeys()
    let descriptor: DatasetDescriptor
    switch source {
    case .made: return nil
    case .described(let files): descriptor = DatasetDescriptor(source: files)
    case .named(let name):
      descriptor = try DatasetDescriptor.find(name, in: places) {
        settings.failure(at: "dataset", $0)
      }
    }
    let standardises = !descriptor.source.isTable || settings.value("normalise") != .boolean(false)
    return StoredDataset(
      descriptor, from: folder,
      as: known.map { .known($0) } ?? .learnt(standardises: standardises), in: places)
  }

  /// Makes or opens the dataset and divides it; `seed` chooses what is held out.
  ///
  /// A cache that was not prepared before is prepared here. What a network knows of its data decides
  /// how they are coded, if it is given.
  package func load(
    seed: UInt64, cache: String? = nil, as known: KnownCoding? = nil,
    in places: DataPlaces = .standard
  ) throws(Failure) -> Splits {
    try checkKeys()
    try known.map { known throws(Failure) in try checkNormalisation(known) }
    let training: Dataset
    let test: Dataset?
    switch source {
    case .made(.digits(let style)):
      let sizes = sizes(Digits.defaultSizes)
      try requireMemory(sizes, style.shape.reduce(1, *))
      (training, test) = Digits.datasets(
        training: sizes.training, test: sizes.test, style: style)
    case .made(.points(let points)):
      let sizes = sizes(Points.defaultSizes)
      try requireMemory(sizes, 4 * points.width)
      (training, test) = points.datasets(training: sizes.training, test: sizes.test)
    case .made(.shapes):
      let sizes = sizes(Shapes.defaultSizes)
      try requireMemory(sizes, 5 * Shapes.side * Shapes.side)
      (training, test) = Shapes.datasets(training: sizes.training, test: sizes.test)
    case .made(.waves):
      let sizes = sizes(Waves.defaultSizes)
      try requireMemory(sizes, 4 * Waves.steps * (Waves.frame + 1))
      (training, test) = Waves.datasets(training: sizes.training, test: sizes.test)
    case .made(.table):
      (training, test) = (try Table.dataset(settings), nil)
    case .named, .described:
      let path = if let cache { cache } else { try prepared(as: known, in: places) }
      let sets = try CacheReader.open(path)
      training = try first("train_samples", of: sets.training)
      test = try sets.test.map { set throws(Failure) in try first("test_samples", of: set) }
    }
    // What lies in files was read as the network knows it, or refused there.
    if case .made = source, let known, !known.agrees(with: training.coding) {
      throw known.misfit(training.coding)
    }
    try checkImages(training)
    try checkPixels(training)
    if case .share = validation, training.count < 2 {
      throw settings.failure(
        at: "validation", "a share of the training set needs at least 2 samples, it has 1")
    }
    func served(_ set: Dataset) -> Dataset {
      set.normalised(by: known?.coding.normalisation ?? normalisation(set.normalisation))
    }
    let splits = Splits(
      training: served(training), test: test.map(served), validation: validation, seed: seed)
    guard batch <= splits.training.count else {
      let count = splits.training.count.grouped
      throw settings.failure(
        at: "batch",
        "a batch of \(batch.grouped) samples is larger than the training set of \(count);"
          + " use a batch of at most \(count)")
    }
    return splits
  }

  /// What the numbers of a set are brought to, given what they could be.
  func normalisation(_ measured: Normalisation) -> Normalisation {
    switch settings.value("normalise") {
    case .boolean(true): measured
    case .boolean: measured.scaleAlone
    default: measured.symmetric
    }
  }

  /// Whether that can be told without the numbers.
  var isNormalisationKnown: Bool { settings.value("normalise") != .boolean(true) }

  private func requireMemory(
    _ sizes: (training: Int, test: Int), _ sampleBytes: Int
  ) throws(Failure) {
    let count = sizes.training + sizes.test
    try MemoryLimits.require(count * sampleBytes, for: "\(count.grouped) samples")
  }

  /// How many samples a made dataset has.
  func sizes(_ defaults: (training: Int, test: Int)) -> (training: Int, test: Int) {
    (
      settings.optionalInteger("train_samples") ?? defaults.training,
      settings.optionalInteger("test_samples") ?? defaults.test
    )
  }

  private func prepared(
    as known: KnownCoding?, in places: DataPlaces
  ) throws(Failure) -> String {
    guard let dataset = try stored(as: known, in: places) else {
      preconditionFailure("a dataset that is not made lies in files")
    }
    return try dataset.prepare().cache
  }

  /// The first samples of a set, as many as a setting wants.
  private func first(_ key: String, of set: Dataset) throws(Failure) -> Dataset {
    guard let count = settings.optionalInteger(key), count != set.count else { return set }
    guard count < set.count else {
      throw settings.failure(
        at: key,
        "expected at most the \(set.count.grouped) samples there are, found \(count)")
    }
    return set.selecting(Array(0..<Int32(count)))
  }

  /// A setting that belongs to another dataset would have no effect.
  func checkKeys() throws(Failure) {
    let (name, foreign): (String, [String]) =
      switch source {
      case .made(.table): ("table", ["train_samples", "test_samples", "from"])
      case .made: (settings.text("dataset"), Table.keys.map(\.name) + ["from"])
      case .named(let name): (name, Table.keys.map(\.name))
      case .described(let files): (files.name, Table.keys.map(\.name))
      }
    guard let key = foreign.first(where: { settings.optionalValue($0) != nil }) else { return }
    throw settings.failure(at: key, "means nothing for the dataset \(name): leave it out")
  }

  private func checkImages(_ training: Dataset) throws(Failure) {
    guard let problem = augmentation(seed: 0)?.misfit(training) else { return }
    throw settings.failure(at: "augment", problem)
  }

  /// Refuses another normalisation than a network knows, where a setting asks for one.
  private func checkNormalisation(_ known: KnownCoding) throws(Failure) {
    let scales = known.coding.normalisation
    guard normalisation(scales) != scales else { return }
    throw settings.failure(
      at: "normalise", "the network that this one begins with knows other numbers: leave it out")
  }

  private func checkPixels(_ training: Dataset) throws(Failure) {
    guard settings.value("normalise") == .choice("symmetric"), training.elements.number != .uint8
    else { return }
    throw settings.failure(
      at: "normalise", "symmetric is for pixels, the samples are real numbers: use true or false")
  }

  /// How training images are changed, nil if they are not.
  package func augmentation(seed: UInt64) -> Augmentation? {
    settings.optionalSection("augment").map { Augmentation($0, seed: seed) }
  }

  /// The order of training.
  package func sampler(over count: Int, seed: UInt64) -> Sampler {
    Sampler(count: count, batch: batch, dropsLast: dropsLast, order: .shuffled(seed: seed))
  }
}
