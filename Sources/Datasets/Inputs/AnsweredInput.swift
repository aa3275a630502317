package import Diagnostics
internal import Files
internal import HDF5Files

/// A file of samples with their answers, on which a trained network is to be scored.
package struct AnsweredInput: Sendable {
  private let path: String
  /// The file or the array of the answers, where the kind of file keeps them apart.
  private let answers: String?
  /// The array of the samples in an HDF5 file, where several fit.
  private let name: String?
  /// Whether arrays of images had their channels in front in training.
  private let channelsFirst: Bool

  package init(
    _ path: String, answers: String? = nil, name: String? = nil, channelsFirst: Bool = false
  ) {
    self.path = path
    self.answers = answers
    self.name = name
    self.channelsFirst = channelsFirst
  }

  var folder: String { directoryName(path) }

  /// Everything that tells what a cache of it would hold.
  var identity: String {
    "\(path)\n\(answers ?? "")\n\(name ?? "")\n\(channelsFirst)"
  }

  /// The file as a format of one set.
  func open(as coding: SampleCoding) throws(Failure) -> any SourceFormat {
    let kind = try FileKind(of: path)
    guard name == nil || kind == .hdf5 else {
      throw Failure(.usage, "--name is that of an array in an HDF5 file; '\(path)' is none")
    }
    guard answers == nil || kind == .hdf5 || kind == .idx else {
      throw Failure(
        .usage, "--answers is for IDX and HDF5 files, '\(path)' holds its answers itself")
    }
    switch kind {
    case .folder: return try Images(in: path)
    case .text:
      guard let columns = coding.columns else { return NumberLines(path, coding) }
      return CSV(file: path, CSVSettings(columns))
    case .idx:
      guard answers != nil || coding.answers == .none else {
        throw Failure(
          .usage, "'\(path)' holds samples alone: name the file of answers by --answers")
      }
      return IDX(
        training: FilePair(samples: path, answers: answers, isLabelled: coding.hasClasses),
        test: nil, channels: [0, 2].contains(coding.shape.count) ? .none : .last)
    case .hdf5: return try arrays(coding)
    case .png:
      throw Failure(
        .badData,
        "'\(path)': an image alone has no answer: give a folder with a folder of images for each class"
      )
    case .other: throw coding.unknownKind(path)
    }
  }

  private func arrays(_ coding: SampleCoding) throws(Failure) -> HDF5Arrays {
    let file = try HDF5Reader(opening: path)
    let name = if let name { name } else { try coding.onlyFitting(file) }
    let samples = try coding.samples(file, name, channelsFirst ? .first : .last)
    let answers: String? =
      if let answers { answers } else if coding.answers == .none { nil } else {
        try coding.onlyAnswers(file, to: samples.samples.count, in: name)
      }
    return HDF5Arrays(
      file: path, FilePair(samples: name, answers: answers, isLabelled: coding.hasClasses),
      samples.channels)
  }
}

extension StoredDataset {
  /// A file with answers, coded as a network knows its data.
  package init(
    _ input: AnsweredInput, for coding: SampleCoding, in places: DataPlaces = .standard
  ) {
    self.init(
      DatasetDescriptor(input, for: coding), from: input.folder, as: .known(KnownCoding(coding)),
      in: places)
  }
}

extension Dataset {
  /// The samples of such a file, from the cache that was made of it.
  package init(input cache: String, for coding: SampleCoding) throws(Failure) {
    self = try CacheReader.open(cache).training.normalised(by: coding.normalisation)
  }
}

extension SampleCoding {
  var hasClasses: Bool { if case .classes = answers { true } else { false } }

  /// The numbers that an answer takes in a file.
  var answerWidth: Int {
    switch answers {
    case .classes(_, let shape), .values(let shape): shape.reduce(1, *)
    case .none: 0
    }
  }

  /// The only array with an answer for each of so many samples.
  fileprivate func onlyAnswers(
    _ file: borrowing HDF5Reader, to count: Int, in samples: String
  ) throws(Failure) -> String {
    let name = samples.hasPrefix("/") ? samples : "/\(samples)"
    let fitting = try file.outline().compactMap { entry -> String? in
      guard case .dataset(_, let shape) = entry.content, shape.first == count,
        shape.dropFirst().reduce(1, *) == answerWidth,
        entry.path != name, "/\(entry.path)" != name
      else { return nil }
      return entry.path
    }
    if fitting.count == 1 { return fitting[0] }
    let list = fitting.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    throw Failure(
      .badData,
      "'\(file.path)': "
        + (fitting.isEmpty
          ? "no array holds the answers to the \(count.grouped) samples of '\(samples)'"
          : "\(fitting.count) arrays can hold the answers, choose one by --answers: \(list)"))
  }
}
