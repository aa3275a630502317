internal import Diagnostics
internal import HDF5Files
internal import Processes

/// Writes the training or the test set into a cache: samples, targets, and the checksums of blocks.
struct SetWriter {
  private let reader: any SampleReader
  private let group: String
  /// Of all samples, after `write`.
  private(set) var moments = Moments()
  /// The names of the classes, nil if there are none.
  private(set) var classes: [String]?
  /// Of the checksums and the targets, after `write`.
  private(set) var digests: [ContentHash] = []
  /// The number of ignored targets, after `write`.
  private(set) var ignoredTargets = 0
  /// The file of the targets, for messages.
  private let source: String

  /// `classes` are those of a descriptor, of a network or of the training set; `count` is the
  /// number of classes if nothing names them.
  init(
    _ reader: any SampleReader, group: String, classes: [String]?, count: Int?, source: String
  ) {
    self.reader = reader
    self.group = group
    self.source = source
    if case .classes(let names, _) = reader.targets {
      self.classes = classes ?? names ?? count.map(Dataset.Targets.numbered)
    }
  }

  /// The targets of all samples, after `write`.
  var targets: SampleCoding.Targets {
    switch reader.targets {
    case .classes(_, let shape): .classes(classes ?? [], shape: shape)
    case .values(let shape): .values(shape: shape)
    case .none: .none
    }
  }

  mutating func write(to file: inout HDF5Writer) throws(Failure) {
    // The targets of a text are among the samples.
    let isText = reader.tokens != nil && reader.columns == nil
    let targetBytes = isText ? 0 : reader.targets.byteCount
    // Samples stay in the cache during training, targets are in memory.
    try MemoryLimits.require(
      reader.count * targetBytes, for: "the targets of '\(reader.targetSource)'")
    let targets = UnsafeMutableRawBufferPointer.allocate(
      byteCount: reader.count * targetBytes, alignment: 64)
    defer { unsafe targets.deallocate() }
    let reader = reader
    var moments = Moments()
    let samples = Field("samples", reader.shape, reader.number, .samples)
    let read = { (rows: Range<Int>, part: UnsafeMutableRawBufferPointer) throws(Failure) in
      let place = rows.lowerBound * targetBytes..<rows.upperBound * targetBytes
      try unsafe reader.read(
        rows.count, samples: part,
        targets: UnsafeMutableRawBufferPointer(rebasing: targets[place]))
      if reader.normalisation == nil {
        unsafe moments.add(UnsafeRawBufferPointer(part), of: reader.number)
      }
    }
    let checksums: [Int64]
    if let series = reader.series {
      // Windows overlap: the cache has their steps.
      try write(series, to: &file)
      checksums = try unsafe self.checksums(sampleBytes: samples.byteCount, read)
    } else {
      checksums = try unsafe writeRows(
        of: samples, storedAs: isText ? reader.tokens?.storedType : nil, at: "\(group)/samples",
        to: &file, read)
    }
    self.moments = moments
    try reader.finish()
    try write(checksums, to: "\(group)/checksums", of: &file)
    digests.append(ContentHash(of: checksums))
    if let next = reader.next {
      let end = [Int64(next), Int64(reader.unknownCount)]
      try write(end, to: "\(group)/end", of: &file)
      digests.append(ContentHash(of: end))
    } else {
      unsafe digests.append(ContentHash(bytes: UnsafeRawBufferPointer(targets)))
      if reader.series == nil { try unsafe writeTargets(targets, to: &file) }
    }
    if let weights = reader.weights {
      try write(weights, to: "\(group)/weights", of: &file)
      unsafe digests.append(weights.withUnsafeBytes { unsafe ContentHash(bytes: $0) })
    }
    for (number, field) in reader.fields.enumerated() {
      let checksums = try unsafe writeRows(
        of: field, at: "\(group)/fields/\(field.name)/values", to: &file
      ) { (rows, part) throws(Failure) in
        try unsafe reader.read(rows, ofField: number, into: part)
      }
      try write(checksums, to: "\(group)/fields/\(field.name)/checksums", of: &file)
      digests.append(ContentHash(of: checksums))
    }
    try file.write(source, to: "\(group)/source")
  }

  /// The steps of parts of series, and the number of them in each part.
  private func write(
    _ series: [ArraySlice<Float>], to file: inout HDF5Writer
  ) throws(Failure) {
    let width = reader.shape[1]
    let counts = series.map { $0.count / width }
    var rows = try file.rows(
      of: .float32, shape: [counts.reduce(0, +), width], at: "\(group)/samples")
    for (count, steps) in zip(counts, series) {
      try unsafe steps.withUnsafeBufferPointer { steps throws(Failure) in
        if let base = steps.baseAddress { try unsafe rows.append(rows: count, base) }
      }
    }
    try rows.close()
    try write(counts.map(Int64.init), to: "\(group)/series", of: &file)
  }

  /// Reads and writes an array block by block; returns the checksums of the blocks.
  ///
  /// `stored` is the type of what is read, if it is not that of the field.
  private func writeRows(
    of field: Field, storedAs stored: ElementType? = nil, at path: String,
    to file: inout HDF5Writer,
    _ read: (Range<Int>, UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) -> [Int64] {
    let stored = stored ?? field.number.elementType
    var rows = try file.rows(of: stored, shape: [reader.count] + field.shape, at: path)
    let checksums = try unsafe checksums(sampleBytes: field.size * stored.size) {
      (range, part) throws(Failure) in
      try unsafe read(range, part)
      if let base = part.baseAddress { try unsafe rows.append(rows: range.count, base) }
    }
    try rows.close()
    return checksums
  }

  /// Reads an array block by block; returns the checksums of the blocks.
  private func checksums(
    sampleBytes size: Int,
    _ read: (Range<Int>, UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) -> [Int64] {
    let block = CachedSamples.blockSize(sampleBytes: size)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block * size, alignment: 64)
    defer { unsafe buffer.deallocate() }
    var checksums: [Int64] = []
    for start in stride(from: 0, to: reader.count, by: block) {
      let count = min(block, reader.count - start)
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count * size)])
      try unsafe read(start..<start + count, part)
      let checksum = unsafe ContentHash(bytes: UnsafeRawBufferPointer(part)).value
      checksums.append(Int64(bitPattern: checksum))
    }
    return checksums
  }

  private func write<Element: HDF5Element>(
    _ values: [Element], _ shape: [Int]? = nil, to path: String, of file: inout HDF5Writer
  ) throws(Failure) {
    try unsafe values.withUnsafeBufferPointer { values throws(Failure) in
      try unsafe file.write(values, shape: shape ?? [values.count], to: path)
    }
  }

  private mutating func writeTargets(
    _ targets: UnsafeMutableRawBufferPointer, to file: inout HDF5Writer
  ) throws(Failure) {
    switch reader.targets {
    case .classes(_, let shape):
      let labels = unsafe UnsafeBufferPointer(targets.assumingMemoryBound(to: Int32.self))
      if classes == nil {
        let count = min(Self.classLimit, unsafe Int(labels.max() ?? 0) + 1)
        classes = Dataset.Targets.numbered(max(1, count))
      }
      try unsafe checkRange(of: labels)
      if classes?.count ?? 0 <= Int(Self.ignoredByte) {
        let bytes = unsafe labels.map { $0 < 0 ? Self.ignoredByte : UInt8($0) }
        try write(bytes, [reader.count] + shape, to: "\(group)/labels", of: &file)
      } else {
        try unsafe file.write(labels, shape: [reader.count] + shape, to: "\(group)/labels")
      }
      try unsafe writeCounts(of: labels, to: &file) { $0 >= 0 }
    case .values(let shape):
      let numbers = unsafe UnsafeBufferPointer(targets.assumingMemoryBound(to: Float.self))
      try unsafe file.write(numbers, shape: [reader.count] + shape, to: "\(group)/targets")
      try unsafe writeCounts(of: numbers, to: &file) { !$0.isNaN }
    case .none: break
    }
  }

  /// An ignored label among bytes.
  static let ignoredByte: UInt8 = 255

  /// Writes the number of targets of each sample that count, if some do not.
  private mutating func writeCounts<Number>(
    of targets: UnsafeBufferPointer<Number>, to file: inout HDF5Writer, _ counts: (Number) -> Bool
  ) throws(Failure) {
    let found = unsafe Dataset.Targets.counts(
      targets, reader.count, reader.targets.perSample, counts)
    guard let found else { return }
    ignoredTargets =
      reader.count * reader.targets.perSample - found.reduce(0) { $0 + Int($1) }
    try write(found, to: "\(group)/counts", of: &file)
    unsafe digests.append(found.withUnsafeBytes { unsafe ContentHash(bytes: $0) })
  }

  /// The most classes without names.
  private static let classLimit = 100_000

  private func checkRange(of labels: UnsafeBufferPointer<Int32>) throws(Failure) {
    let count = classes?.count ?? 0
    guard let place = unsafe labels.firstIndex(where: { !(-1..<Int32(count) ~= $0) }),
      case .classes(_, let shape) = reader.targets
    else { return }
    let (sample, rest) = place.quotientAndRemainder(dividingBy: reader.targets.perSample)
    let isCounted = group == "/test" && classes == Dataset.Targets.numbered(count)
    throw Failure(
      .badData,
      unsafe "\(reader.name(of: sample)) has the label \(labels[place])\(shape.place(of: rest)), "
        + "expected 0 to \(count - 1)"
        + (isCounted ? " as in the training set; 'classes' in data sets their number" : ""))
  }
}
