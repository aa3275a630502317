package import Diagnostics
internal import Files
internal import HDF5Files

/// A file of samples with their targets, to evaluate a trained network on.
package struct LabelledInput: Sendable {
  private let path: String
  /// The file or the array of the targets, if they are apart from the samples.
  private let targets: String?
  /// The array of the samples in an HDF5 file, if several fit.
  private let name: String?
  /// Whether arrays of images had the channels as first axis in training.
  private let channelsFirst: Bool

  package init(
    _ path: String, targets: String? = nil, name: String? = nil, channelsFirst: Bool = false
  ) {
    self.path = path
    self.targets = targets
    self.name = name
    self.channelsFirst = channelsFirst
  }

  var folder: String { directoryName(path) }

  /// Part of a cache's key: all that decides its content.
  var identity: String {
    "\(path)\n\(targets ?? "")\n\(name ?? "")\n\(channelsFirst)"
  }

  /// The file as a training set without a test set.
  func open(as coding: SampleCoding) throws(Failure) -> any SourceFormat {
    let kind = try FileKind(of: path)
    guard name == nil || kind == .hdf5 else {
      throw Failure(.usage, "--name is that of an array in an HDF5 file; '\(path)' is none")
    }
    guard targets == nil || kind == .hdf5 || kind == .idx else {
      throw Failure(
        .usage, "--answers is for IDX and HDF5 files, '\(path)' holds its targets itself")
    }
    switch kind {
    case .folder: return try Images(in: path)
    case _ where coding.readsText(kind): return TextFiles(file: path, length: coding.shape[0])
    case .text:
      guard let columns = coding.columns else { return NumberLines(path, coding) }
      return CSV(file: path, CSVSettings(columns))
    case .idx:
      guard targets != nil || coding.targets == .none else {
        throw Failure(
          .usage, "'\(path)' holds samples alone: name the file of targets by --answers")
      }
      return IDX(
        training: FilePair(samples: path, targets: targets, isLabelled: coding.hasClasses),
        test: nil, channels: [0, 2].contains(coding.shape.count) ? .none : .last)
    case .hdf5: return try arrays(coding)
    case .png:
      throw Failure(
        .badData,
        "'\(path)': an image alone has no target: give a folder with a folder of images for each "
          + "class"
      )
    case .other: throw coding.unknownKind(path)
    }
  }

  private func arrays(_ coding: SampleCoding) throws(Failure) -> HDF5Arrays {
    let file = try HDF5Reader(opening: path)
    let name = if let name { name } else { try coding.onlyFitting(file) }
    let samples = try coding.samples(file, name, channelsFirst ? .first : .last)
    let targets: String? =
      if let targets { targets } else if coding.targets == .none { nil } else {
        try coding.onlyTargets(file, to: samples.samples.count, in: name)
      }
    return HDF5Arrays(
      file: path,
      FilePair(
        samples: name, targets: targets, isLabelled: coding.hasClasses,
        fields: coding.fields.map { ($0.name, $0.name) }),
      samples.channels)
  }
}

extension StoredDataset {
  /// A file with targets, coded as the data of a network.
  package init(
    _ input: LabelledInput, for coding: SampleCoding, in paths: DataPaths = .standard
  ) {
    self.init(
      DatasetDescriptor(input, for: coding), from: [input.folder],
      ReadingOptions(known: KnownCoding(coding)),
      in: paths)
  }
}

extension Dataset {
  /// The samples of such a file, from its cache.
  package init(input cache: String, for coding: SampleCoding) throws(Failure) {
    self = try CacheReader.open(cache).training.normalised(by: coding.normalisation)
      .masked(by: coding.masked.map { Masking(share: $0) })
  }
}

extension SampleCoding {
  /// Whether a file of a kind is read as a text.
  package func readsText(_ kind: FileKind) -> Bool {
    switch kind {
    case .text, .other: isText
    case .folder, .hdf5, .png, .idx: false
    }
  }

  var hasClasses: Bool { if case .classes = targets { true } else { false } }

  /// The names of the classes; empty beside other targets.
  var classes: [String] { if case .classes(let names, _) = targets { names } else { [] } }

  /// The number of targets of a sample.
  var targetWidth: Int {
    switch targets {
    case .classes(_, let shape), .values(let shape): shape.reduce(1, *)
    case .none: 0
    }
  }

  /// The only array with targets for this number of samples that is no field.
  fileprivate func onlyTargets(
    _ file: borrowing HDF5Reader, to count: Int, in samples: String
  ) throws(Failure) -> String {
    let name = samples.hasPrefix("/") ? samples : "/\(samples)"
    let fitting = try file.outline().compactMap { entry -> String? in
      guard case .dataset(_, let shape) = entry.content, shape.first == count,
        shape.dropFirst().reduce(1, *) == targetWidth,
        entry.path != name, "/\(entry.path)" != name, !isField(entry.path)
      else { return nil }
      return entry.path
    }
    if fitting.count == 1 { return fitting[0] }
    let list = fitting.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    throw Failure(
      .badData,
      "'\(file.path)': "
        + (fitting.isEmpty
          ? "no array holds targets for the \(count.grouped) samples of '\(samples)'"
          : "\(fitting.count) arrays can hold the targets, choose one by --answers: \(list)"))
  }
}
