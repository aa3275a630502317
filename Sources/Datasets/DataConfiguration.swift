package import Configuration
package import Diagnostics
internal import Processes

/// The `data` section of a configuration: which dataset, and how it is served.
package struct DataConfiguration: Sendable {
  package let source: Source
  /// Where none is given, `fitted` knows it for a small training set.
  package private(set) var batch: Int
  package let dropsLast: Bool
  /// Whether each position of a batch goes on where it was in the batch before.
  package let hasStreams: Bool
  package let validation: Splits.Validation
  let settings: Settings

  package enum Source: Equatable, Sendable {
    case drawn(DrawnDataset)
    /// Samples that the configuration lists.
    case table
    /// The dataset of a descriptor.
    case named(String)
    /// Files that the configuration itself describes.
    case described(Settings)
  }

  /// The datasets that need no files.
  static let builtIn = DrawnDataset.all.map(\.name) + ["table"]

  package static let record = Record(
    "data", main: "dataset",
    keys: [
      Key(
        "dataset", .oneOf([.text, DatasetSource.kind]),
        help:
          "what to learn from: \(builtIn.joined(separator: ", ")), the name of a descriptor, "
          + "or files of one's own"),
      Key(
        "from", .text, default: .absent, effect: .nothing,
        help: "the folder of the files; left out, NAME in NN_DIST_DATA or in data"),
      Key(
        "train_samples", .integer(in: 1...Int(Int32.max)), default: .absent,
        help: "size of the training set, its first samples; left out, all samples of files, and "
          + sizes(\.training)),
      Key(
        "test_samples", .integer(in: 1...Int(Int32.max)), default: .absent,
        help: "size of the test set, its first samples; left out, all samples of files, and "
          + sizes(\.test)),
      Key(
        "steps", .integer(in: 1...1_000_000), default: .absent,
        help: "the steps of each sequence; left out, "
          + DrawnDataset.all.filter { $0.steps != nil }
          .map { "\($0.outline.shape[0]) of \($0.name)" }.joined(separator: ", ")),
      Key(
        "horizon", .integer(in: 1...10_000), default: .absent,
        help: "the steps that sines are to be forecast; left out, 1"),
      Key(
        "classes", .integer(in: 1...100_000), default: .absent,
        help: "the number of classes of labels without names, if the data do not show all of them"),
    ] + Table.keys + [
      Key(
        "batch", .integer(in: 1...1_000_000), default: .absent,
        help: "samples in a step, over all ranks; left out, 64, or all of a smaller training set"),
      Key(
        "drop_last", .boolean, default: false,
        help: "leave out the last batch of an epoch when it is short"),
      Key(
        "order", .choice(["shuffled", "streams"]), default: "shuffled",
        help: "shuffled in every epoch; or streams: the samples are cut into as many stretches as a"
          + " batch has positions, and each position reads its own one from beginning to end, as"
          + " layers with carry need it; samples that fill no batch are left out"),
      Key(
        "normalise", .oneOf([.boolean, .choice(["symmetric"])]), default: true,
        help:
          "bring all numbers to mean 0 and deviation 1, those of a csv column by column if it says"
          + " standardise, but not those of a table, adding, copy,"
          + " induction, sines, tags, sentences or text;"
          + " false leaves pixels from 0 to 1 and other"
          + " numbers as they are; symmetric leaves pixels from -1 to 1, as tanh makes them"),
      Key(
        "standardise_targets", .boolean, default: .absent,
        help: "of files: losses of any real numbers (mse, mae, huber) compare targets of mean 0 and"
          + " deviation 1 over the training set; predictions and metrics stay in the unit of the"
          + " file; left out, true, but targets of more than one dimension stay as they are"),
      Key(
        "validation", .oneOf([.choice(["test", "none"]), .number(in: .above(0, below: 1))]),
        default: "test",
        help: "what is watched during training: the test set, a share of the training set"
          + " that is held out (of a text, or with order: streams, its end), or none; without a test set, test is none"
      ),
      Key(
        "test", .number(in: .above(0, below: 1)), default: .absent,
        help: "the share of the samples that is held out as the test set, where the data have none;"
          + " validation is then a share of the rest"),
      Key(
        "split", .variant("way to split", SplitSettings.records), default: "random",
        help: "which samples are held out: random ones, stratified by class, whole groups of a"
          + " table, or those that a column of a table names"),
      Key(
        "fold", .text, default: .absent,
        help: "K/N: the K-th of N folds of the training samples is the test set, such as 2/5; test"
          + " and a test set of the data are not used then"),
      Key(
        "masked", .number(in: .above(0, below: 1)), default: .absent,
        help:
          "of a text: the share of the tokens of each sample that are predicted, new ones in each"
          + " epoch; 80 % of them are hidden by a mask, one more token, 10 % by a random token, and"
          + " 10 % stay, as in BERT; left out, the next tokens are predicted"),
      Key(
        "augment", .record(Augmentation.record), default: .absent,
        help: "random changes of the training images"),
    ],
    help: "the dataset and how it is served")

  /// For the reference: the sizes of the drawn datasets.
  private static func sizes(_ size: KeyPath<(training: Int, test: Int), Int>) -> String {
    DrawnDataset.all.map { "\($0.defaultSizes[keyPath: size]) of \($0.name)" }
      .joined(separator: ", ")
  }

  package init(_ settings: Settings) {
    self.settings = settings
    source =
      switch settings.value("dataset") {
      case .variant(let files): .described(files)
      case let name where name.text == "table": .table
      case let name:
        DrawnDataset.all.first { $0.name == name.text }.map {
          .drawn(
            $0.with(
              steps: settings.optionalInteger("steps"),
              horizon: settings.optionalInteger("horizon")))
        } ?? .named(name.text)
      }
    batch = settings.optionalInteger("batch") ?? Self.standardBatch
    dropsLast = settings.boolean("drop_last")
    hasStreams = settings.value("order") == .choice("streams")
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

  /// What the dataset is called.
  package var name: String {
    if case .described(let files) = source { files.name } else { settings.text("dataset") }
  }

  /// Whether samples are read from files, through a cache.
  package var hasFiles: Bool {
    switch source {
    case .drawn, .table: false
    case .named, .described: true
    }
  }

  /// The folder of the files, as it was written.
  package var folder: String? { settings.optionalText("from") }

  /// The folders where the files may be; nil for those of a descriptor at their usual places.
  private var folders: [String]? {
    if folder != nil { return settings.places(of: "from") }
    guard case .described = source else { return nil }
    let folder = settings.folder(of: "dataset") ?? "."
    return folder == "." ? [folder] : [folder, "."]
  }

  /// The folder of the files if it was found from that of the configuration file; nil if it is as
  /// it was written.
  package var folderBeside: String? {
    get throws(Failure) {
      guard let folders, folders.count > 1, let found = try stored(seed: 0)?.foundFolder,
        found == folders[0]
      else { return nil }
      return found
    }
  }

  /// The share of a text's tokens that are hidden and to be predicted; nil: the next ones are.
  var masked: Double? { settings.optionalNumber("masked") }

  /// Whether real targets are standardised for their loss.
  var standardisesTargets: Bool {
    settings.optionalValue("standardise_targets") != .boolean(false) && hasFiles
  }

  /// Whether images in arrays have the channels as their first axis.
  package var hasChannelsFirst: Bool {
    guard case .described(let files) = source, files.name == HDF5Arrays.record.name else {
      return false
    }
    return HDF5Arrays.hasChannelsFirst(files)
  }

  /// The dataset if it is read from files; `seed` chooses what is held out, `known` is the coding
  /// of a trained network.
  package func stored(
    seed: UInt64, as known: KnownCoding? = nil, in paths: DataPaths = .standard
  ) throws(Failure) -> StoredDataset? {
    try checkKeys()
    let descriptor: DatasetDescriptor
    switch source {
    case .drawn, .table: return nil
    case .described(let files): descriptor = DatasetDescriptor(source: files)
    case .named(let name):
      descriptor = try DatasetDescriptor.find(name, in: paths) {
        settings.failure(at: "dataset", $0)
      }
    }
    let options = ReadingOptions(
      standardises: !descriptor.source.isTable || settings.value("normalise") != .boolean(false),
      classes: settings.optionalInteger("classes"),
      heldOut: descriptor.isText || descriptor.source.isSeries ? validation.share : nil,
      split: try split(of: descriptor, seed: seed), known: known)
    return StoredDataset(descriptor, from: folders, options, in: paths)
  }

  /// Draws or opens the dataset and splits it; `seed` chooses what is held out.
  ///
  /// A cache that is not given is built if need be. `known`, the coding of a trained network,
  /// decides how the data are read.
  package func load(
    seed: UInt64, cache: String? = nil, as known: KnownCoding? = nil,
    in paths: DataPaths = .standard
  ) throws(Failure) -> Splits {
    try checkKeys()
    try known.map { known throws(Failure) in try checkNormalisation(known) }
    var sets: (training: Dataset, test: Dataset?, heldOut: Dataset?)
    switch source {
    case .drawn(let drawn):
      let sizes = sizes(of: drawn)
      let count = sizes.training + sizes.test
      try MemoryLimits.require(count * drawn.sampleBytes, for: "\(count.grouped) samples")
      let (training, test) = drawn.datasets(training: sizes.training, test: sizes.test)
      sets = (training, test, nil)
    case .table: sets = (try Table.dataset(settings), nil, nil)
    case .named, .described:
      let cache = if let cache { cache } else { try prepared(seed: seed, as: known, in: paths) }
      sets = try CacheReader.open(cache)
      // Where the reader divides a table, it counts the samples of the whole file.
      if !dividesWhenRead(sets.training, seed: seed) {
        sets.training = try first("train_samples", of: sets.training)
      }
    }
    // Files were read as the network knows them, or refused.
    if !hasFiles, let known, !known.agrees(with: sets.training.coding) {
      throw known.misfit(sets.training.coding)
    }
    try checkSamples(sets.training.outline, isHeldOut: sets.heldOut != nil)
    try checkClasses(sets.training.targets)
    sets = try divided(sets, seed: seed)
    if hasFiles {
      sets.test = try sets.test.map { set throws(Failure) in try first("test_samples", of: set) }
    }
    let masked = known?.fixesShape == true ? known?.coding.masked : masked
    func served(_ set: Dataset) -> Dataset {
      set.normalised(by: known?.coding.normalisation ?? normalisation(set.normalisation))
        .masked(by: masked.map { Masking(share: $0, seed: seed) })
    }
    let splits = Splits(
      training: served(sets.training), test: sets.test.map(served), validation: validation,
      heldOut: sets.heldOut.map(served), hasStreams: hasStreams, seed: seed)
    try checkBatch(splits.training.count)
    return try balanced(splits.scalingTargets(by: targetScales(of: splits.training, as: known)))
  }

  /// The normalisation that the settings ask for, given the measured one.
  func normalisation(_ measured: Normalisation) -> Normalisation {
    switch settings.value("normalise") {
    case .boolean(true): measured
    case .boolean: measured.scaleAlone
    default: measured.symmetric
    }
  }

  /// The numbers of samples to draw.
  func sizes(of drawn: DrawnDataset) -> (training: Int, test: Int) {
    (
      settings.optionalInteger("train_samples") ?? drawn.defaultSizes.training,
      settings.optionalInteger("test_samples") ?? drawn.defaultSizes.test
    )
  }

  /// The coding of a trained network for drawn sequences of the steps that `steps` sets.
  package func adapted(_ coding: SampleCoding) -> SampleCoding {
    guard case .drawn(let drawn) = source, drawn.steps != nil else { return coding }
    var coding = coding
    coding.shape = drawn.outline.shape
    coding.targets = coding.targets.with(shape: drawn.outline.targets.shape)
    coding.fields = drawn.outline.namedFields
    return coding
  }

  private func prepared(
    seed: UInt64, as known: KnownCoding?, in paths: DataPaths
  ) throws(Failure) -> String {
    guard let dataset = try stored(seed: seed, as: known, in: paths) else {
      preconditionFailure("the dataset has no files")
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
    return set.selecting(0..<count)
  }

  /// The batch where none is given and the training set is not smaller.
  private static let standardBatch = 64

  /// Whether the configuration sets the batch.
  package var isBatchGiven: Bool { settings.optionalValue("batch") != nil }

  /// The same for a training set of this size, which may have fewer samples than a batch.
  package func fitted(to samples: Int) -> DataConfiguration {
    guard !isBatchGiven else { return self }
    var fitted = self
    fitted.batch = min(Self.standardBatch, samples)
    return fitted
  }

  /// The random changes of training images, if any.
  package func augmentation(seed: UInt64) -> Augmentation? {
    settings.optionalSection("augment").map { Augmentation($0, seed: seed) }
  }

  /// The order of training.
  package func sampler(over count: Int, seed: UInt64) -> Sampler {
    Sampler(
      count: count, batch: fitted(to: count).batch, dropsLast: dropsLast || hasStreams,
      order: hasStreams ? .streams : .shuffled(seed: seed))
  }
}
