internal import Diagnostics
internal import HDF5Files
internal import Processes

/// Opens the cache of a dataset: targets are read, samples stay in the file.
enum CacheReader {
  /// The version of the format.
  static let format = 5

  /// The stamp of the files that a cache was built from; nil if it is no cache.
  static func stamp(of path: String) -> String? {
    guard let file = try? HDF5Reader(opening: path),
      case .integer(Int64(format)) = try? file.attribute("format", of: "/"),
      case .text(let stamp) = try? file.attribute("stamp", of: "/")
    else { return nil }
    return stamp
  }

  /// The coding in a cache; nil if it cannot be read.
  static func coding(of path: String) -> SampleCoding? {
    guard let text = try? HDF5Reader(opening: path).text("/coding") else { return nil }
    return try? SampleCoding(text: text, source: "\(path) /coding")
  }

  /// `heldOut` is a validation set that the training set does not hold.
  static func open(
    _ path: String
  ) throws(Failure) -> (training: Dataset, test: Dataset?, heldOut: Dataset?) {
    do throws(Failure) {
      let file = try HDF5Reader(opening: path)
      let text = try file.text("/coding")
      let coding = try SampleCoding(text: text, source: "\(path) /coding")
      var digests: [ContentHash] = []
      let training = try dataset(in: "/training", of: file, coding, &digests)
      let test =
        try file.contains("/test") ? dataset(in: "/test", of: file, coding, &digests) : nil
      let heldOut =
        try file.contains("/held_out")
        ? dataset(in: "/held_out", of: file, coding, &digests) : nil
      // The digest covers samples by their checksums.
      let digest = ContentHash(of: digests + [ContentHash(of: text)])
      guard try file.attribute("digest", of: "/") == .integer(Int64(bitPattern: digest.value))
      else { throw Failure(.badData, "'\(path)' is damaged: its contents have another digest") }
      return (training, test, heldOut)
    } catch {
      let advice =
        error.code == .noInput
        ? "; ranks on several machines need a folder that all see: set NN_DIST_CACHE"
        : "; remove the file and it is built again"
      throw Failure(error.code, "\(error.message)\(advice)")
    }
  }

  private static func dataset(
    in group: String, of file: borrowing HDF5Reader, _ coding: SampleCoding,
    _ digests: inout [ContentHash]
  ) throws(Failure) -> Dataset {
    let windows = try windows(in: group, of: file, coding)
    let samples = try rows(
      "\(group)/samples", "\(group)/checksums", coding.shape, coding.number,
      storedAs: coding.isText ? coding.tokens?.storedType : nil, windows, of: file, &digests)
    let count = samples.count
    let targets: Dataset.Targets
    var unknownSymbols: Int?
    if coding.isText {
      let end: [Int64] = try array("\(group)/end", [2], zero: 0, of: file)
      digests.append(ContentHash(of: end))
      targets = try nextTokens(of: samples, last: end[0], in: group, of: file, coding)
      unknownSymbols = Int(end[1])
    } else {
      targets =
        if let columns = coding.columns, let windows {
          try seriesTargets(of: samples, columns, windows)
        } else {
          try self.targets(of: count, in: group, of: file, coding.targets)
        }
      unsafe digests.append(targets.withBytes { unsafe ContentHash(bytes: $0) })
    }
    let counts = try counts(in: group, of: file)
    if let counts {
      unsafe digests.append(counts.withUnsafeBytes { unsafe ContentHash(bytes: $0) })
    }
    guard counts == targets.counts(samples: count) else {
      throw Failure(.badData, "'\(file.path)': '\(group)/counts' are not those of its targets")
    }
    var weights: [Float]?
    if try file.contains("\(group)/weights") {
      let found: [Float] = try array("\(group)/weights", [count], zero: 0, of: file)
      unsafe digests.append(found.withUnsafeBytes { unsafe ContentHash(bytes: $0) })
      weights = found
    }
    var fields: [NamedField] = []
    for field in coding.fields {
      let place = "\(group)/fields/\(field.name)"
      let rows = try rows(
        "\(place)/values", "\(place)/checksums", field.shape, field.number, of: file, &digests)
      guard rows.count == count else {
        throw Failure(.badData, "'\(file.path)': '\(place)' is not of \(count.grouped) samples")
      }
      fields.append(
        NamedField(field.name, shape: field.shape, .cached(rows), entries: field.entries))
    }
    return Dataset(
      shape: coding.shape, elements: .cached(samples), targets: targets, weights: weights,
      namedFields: fields,
      targetNames: coding.names, normalisation: coding.normalisation, columns: coding.columns,
      tokens: coding.tokens, targetTokens: coding.targetTokens,
      unknownSymbols: unknownSymbols, source: try file.text("\(group)/source"))
  }

  /// An array with a part for each sample, or with the steps of series, left in the file.
  ///
  /// `stored` is the type of its numbers there, if it is another one.
  private static func rows(
    _ path: String, _ checksumPath: String, _ shape: [Int], _ number: Dataset.Number,
    storedAs stored: ElementType? = nil, _ windows: WindowPlaces? = nil,
    of file: borrowing HDF5Reader, _ digests: inout [ContentHash]
  ) throws(Failure) -> CachedSamples {
    let info = try file.info(of: path)
    let stored = stored ?? number.elementType
    guard info.count > 0, info.elementType == stored,
      windows.map({ info.shape == [$0.stepCount, shape[1]] })
        ?? (Array(info.shape.dropFirst()) == shape)
    else { throw Failure(.badData, "'\(file.path)': '\(path)' is \(info)") }
    let (count, size) = (windows?.count ?? info.shape[0], shape.reduce(1, *))
    let blocks = CachedSamples.blockCount(samples: count, sampleBytes: size * stored.size)
    let checksums: [Int64] = try array(checksumPath, [blocks], zero: 0, of: file)
    digests.append(ContentHash(of: checksums))
    return try CachedSamples(
      file.path, at: file.offset(of: path), count: count, number: number, stored: stored,
      sampleSize: size, checksums: checksums.map { UInt64(bitPattern: $0) }, windows: windows)
  }

  /// The windows of series; nil if samples are none.
  static func windows(
    in group: String, of file: borrowing HDF5Reader, _ coding: SampleCoding
  ) throws(Failure) -> WindowPlaces? {
    guard let window = coding.columns?.window else { return nil }
    let path = "\(group)/series"
    let info = try file.info(of: path)
    let rows: [Int64] = try array(path, [info.count], zero: 0, of: file)
    guard let places = WindowPlaces(window, rows: rows.map(Int.init)), places.count > 0 else {
      throw Failure(.badData, "'\(file.path)': '\(path)' has a part without a window")
    }
    return places
  }

  private static func seriesTargets(
    of samples: CachedSamples, _ columns: CSVColumns, _ windows: WindowPlaces
  ) throws(Failure) -> Dataset.Targets {
    let width = columns.targetNames.count
    try MemoryLimits.require(4 * width * samples.count, for: "the targets of '\(samples.path)'")
    return .values(try samples.targets(columns, of: windows), shape: [width])
  }

  /// The number of targets of each sample that count; nil if all do.
  static func counts(
    in group: String, of file: borrowing HDF5Reader
  ) throws(Failure) -> [Int32]? {
    guard try file.contains("\(group)/counts") else { return nil }
    let shape = try file.info(of: "\(group)/counts").shape
    return try array("\(group)/counts", shape, zero: 0, of: file) as [Int32]
  }

  private static func targets(
    of count: Int, in group: String, of file: borrowing HDF5Reader, _ coded: SampleCoding.Targets
  ) throws(Failure) -> Dataset.Targets {
    switch coded {
    case .classes(let names, let shape):
      let labels = try labels("\(group)/labels", [count] + shape, of: file)
      guard labels.allSatisfy({ -1..<Int32(names.count) ~= $0 }) else {
        throw Failure(.badData, "'\(file.path)': '\(group)/labels' holds classes without a name")
      }
      return .classes(labels, names: names, shape: shape)
    case .values(let shape):
      return .values(
        try array("\(group)/targets", [count] + shape, zero: 0, of: file), shape: shape)
    case .none: return .none
    }
  }

  /// The targets of a text.
  private static func nextTokens(
    of samples: CachedSamples, last: Int64, in group: String, of file: borrowing HDF5Reader,
    _ coding: SampleCoding
  ) throws(Failure) -> Dataset.Targets {
    guard case .classes(let names, let shape) = coding.targets, shape == coding.shape,
      coding.number == .int32, 0..<Int64(names.count) ~= last
    else { throw Failure(.badData, "'\(file.path)': '\(group)' is not a text of its coding") }
    return .next(samples, last: Int32(last), names: names)
  }

  /// Labels of up to 255 classes are bytes, of which 255 is ignored.
  private static func labels(
    _ path: String, _ shape: [Int], of file: borrowing HDF5Reader
  ) throws(Failure) -> [Int32] {
    guard try file.info(of: path).elementType == .uint8 else {
      return try array(path, shape, zero: 0, of: file)
    }
    let count = shape.reduce(1, *)
    try MemoryLimits.require(5 * count, for: "'\(path)' of '\(file.path)'")
    let bytes: [UInt8] = try array(path, shape, zero: 0, of: file)
    return bytes.map { $0 == SetWriter.ignoredByte ? -1 : Int32($0) }
  }

  private static func array<Element: HDF5Element>(
    _ path: String, _ shape: [Int], zero: Element, of file: borrowing HDF5Reader
  ) throws(Failure) -> [Element] {
    let count = shape.reduce(1, *)
    try MemoryLimits.require(
      count * MemoryLayout<Element>.stride, for: "'\(path)' of '\(file.path)'")
    var values = [Element](repeating: zero, count: count)
    try unsafe values.withUnsafeMutableBufferPointer { values throws(Failure) in
      try unsafe file.read(path, shape: shape, into: values)
    }
    return values
  }
}

extension Dataset.Number {
  /// The type in a cache.
  var elementType: ElementType {
    switch self {
    case .uint8: .uint8
    case .int32: .int32
    case .float32: .float32
    }
  }
}

extension Tokeniser {
  /// The type of its tokens in a cache: the smallest that holds all.
  var storedType: ElementType { size <= 1 << 8 ? .uint8 : size <= 1 << 16 ? .uint16 : .int32 }
}
