internal import Configuration
internal import Diagnostics
internal import Files
internal import HDF5Files

/// Writes the cache of a dataset, an HDF5 file, atomically.
///
/// Samples are copied block by block, so a dataset may be larger than memory.
struct CacheBuilder {
  private let descriptor: DatasetDescriptor
  private let format: any SourceFormat
  private let options: ReadingOptions
  private let folder: String
  private let stamp: String

  init(
    _ descriptor: DatasetDescriptor, _ format: any SourceFormat, _ options: ReadingOptions,
    folder: String, stamp: String
  ) {
    self.descriptor = descriptor
    self.format = format
    self.options = options
    self.folder = folder
    self.stamp = stamp
  }

  /// Returns the numbers of samples, of targets that are ignored, and of unknown symbols.
  func build(
    _ path: String
  ) throws(Failure) -> (samples: Int, ignoredTargets: Int, unknown: Int) {
    let directory = directoryName(path)
    try makeDirectories(directory)
    try TemporaryFile.removeStale(in: directory)
    let sources = try digests()
    let (training, test) = try format.open(options)
    try check(training, against: training)
    let others = [("/test", test), ("/held_out", training.heldOut)].compactMap { group, set in
      set.map { (group: group, set: $0) }
    }
    for other in others { try check(other.set, against: training) }
    for set in [training] + others.map({ $0.set }) { try options.known?.check(set, descriptor) }

    let temporary = TemporaryFile(for: path)
    var file = try HDF5Writer(creating: temporary.path)
    var first = SetWriter(
      training, group: "/training", classes: options.known?.classes ?? descriptor.classes,
      count: options.classes, source: relativeName(of: training.targetSource, in: folder))
    try first.write(to: &file)
    var (samples, ignored, digests) = (training.count, first.ignoredTargets, first.digests)
    for (group, set) in others {
      var second = SetWriter(
        set, group: group, classes: first.classes, count: nil,
        source: relativeName(of: set.targetSource, in: folder))
      try second.write(to: &file)
      samples += set.count
      ignored += second.ignoredTargets
      digests += second.digests
    }
    try file.write(sources, to: "/sources")
    let normalisation =
      descriptor.normalisation.map { normalisation in
        Normalisation(
          scale: training.number == .uint8 ? 1 / 255 : 1, mean: Float(normalisation.mean),
          deviation: Float(normalisation.deviation))
      } ?? training.normalisation ?? Normalisation(first.moments)
    let text = SampleCoding(
      shape: training.shape, number: training.number,
      normalisation: options.known?.coding.normalisation ?? normalisation,
      targets: first.targets, fields: training.fields, columns: training.columns,
      tokens: training.tokens, targetTokens: training.targetTokens
    ).text
    try file.write(text, to: "/coding")
    let digest = ContentHash(of: digests + [ContentHash(of: text)])
    try file.set("digest", of: "/", to: .integer(Int64(bitPattern: digest.value)))
    try file.set("format", of: "/", to: .integer(Int64(CacheReader.format)))
    try file.set("stamp", of: "/", to: .text(stamp))
    try file.close()
    try temporary.synchronize()
    try temporary.rename(to: path)
    try synchronizeDirectory(directory)
    return (samples, ignored, training.unknownCount + (test?.unknownCount ?? 0))
  }

  /// The digests of all files as `sha256sum` writes them, compared with those of the descriptor.
  private func digests() throws(Failure) -> String {
    var lines = ""
    for path in format.files {
      let digest = try SHA256.of(file: path)
      lines += "\(digest)  \(relativeName(of: path, in: folder))\n"
      let expected =
        descriptor.files.first { $0.name == baseName(path) }?.sha256
        ?? descriptor.files.first { $0.name == baseName(path) + ".gz" }?.unpacked
      guard let expected, expected != digest else { continue }
      throw Failure(
        .badData,
        "'\(path)' is not the file that \(descriptor.name) is made of: SHA-256 \(digest), expected "
          + "\(expected); remove it and 'nn-dist data fetch \(descriptor.name)'")
    }
    return lines
  }

  /// Checks the sizes, types and names of a set before anything is read.
  private func check(
    _ set: any SampleReader, against training: any SampleReader
  ) throws(Failure) {
    func failure(_ problem: String) -> Failure {
      Failure(.badData, "'\(set.targetSource)': \(problem)")
    }
    guard set.count > 0 else { throw failure("holds no samples") }
    guard set.count <= Int(Int32.max), set.shape.reduce(1, *) <= 1 << 31 else {
      throw failure(
        "\(set.count.grouped) samples of \(set.shape.text) numbers are more than this program "
          + "counts"
      )
    }
    if let shape = descriptor.shape, shape != set.shape {
      throw failure(
        "expected samples of \(shape.text) as \(descriptor.name) has them, found \(set.shape.text)")
    }
    guard set.shape == training.shape, set.number == training.number else {
      throw failure(
        "expected samples of \(training.shape.text) \(training.number.rawValue) as the training "
          + "set has them, found \(set.shape.text) \(set.number.rawValue)")
    }
    guard set.targets.isLike(training.targets) else {
      throw failure("holds \(set.targets.text), the training set \(training.targets.text)")
    }
    guard set.fields == training.fields else {
      throw failure(
        "has the fields \(set.fields.text), the training set has \(training.fields.text)")
    }
    if case .classes(let names?, _) = set.targets, let known = descriptor.classes,
      names.count != known.count
    {
      throw failure(
        "has \(names.count) classes, the descriptor of \(descriptor.name) \(known.count)")
    }
  }
}

extension KnownCoding {
  /// Refuses a set of other samples or other targets than those of training.
  fileprivate func check(
    _ set: any SampleReader, _ descriptor: DatasetDescriptor
  ) throws(Failure) {
    func failure(_ problem: String) -> Failure {
      Failure(.badData, "'\(set.targetSource)': \(problem)")
    }
    guard set.number == coding.number, set.shape == shape ?? set.shape,
      coding.columns == nil || set.columns != nil
    else {
      throw failure(
        "expected \(coding.columns == nil ? "samples" : "a table for samples") of "
          + "\((shape ?? set.shape).text) \(coding.number.rawValue) as in training, found "
          + "\(set.shape.text) \(set.number.rawValue)")
    }
    guard coding.fields == set.fields else {
      throw failure(
        "has the fields \(set.fields.text), the network needs \(coding.fields.text): give an HDF5 "
          + "file with arrays of these names")
    }
    guard fixesTargets else { return }
    switch (coding.targets, set.targets) {
    case (.classes(_, let known), .classes(_, let shape)) where known != shape:
      throw failure("holds \(set.targets.text), in training it was one for \(known.text)")
    case (.classes(let known, _), .classes(let names, _)):
      guard let names = descriptor.classes ?? names, !known.starts(with: names) else { return }
      let other = zip(names, known).first { $0 != $1 }?.0 ?? names[known.count]
      throw failure(
        "has the class '\(other)', which is not among those of training or not at this place"
          + Suggestion.hint(for: other, among: known))
    case (.values(let known), .values(let shape)):
      guard known != shape else { return }
      throw failure("holds \(shape.text) targets a sample, in training it was \(known.text)")
    case (.classes(let known, _), .values):
      throw failure("holds real numbers, in training it was one of \(known.count) classes")
    case (.values(let known), .classes):
      throw failure("holds classes, in training it was real numbers, \(known.text) for each sample")
    case (.none, _): return
    case (_, .none): throw failure("has no targets, the network was trained on some")
    }
  }
}
