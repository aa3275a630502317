internal import Diagnostics
internal import HDF5Files

/// Writes one set of a dataset into its cache: samples, targets, and the checksums of blocks.
struct SetWriter {
  private let reader: any SampleReader
  private let group: String
  /// Once written, of all samples.
  private(set) var moments = Moments()
  /// The names of the classes, nil where real numbers are to be predicted.
  private(set) var classes: [String]?
  /// Once written, of the checksums and of the targets.
  private(set) var digests: [ContentHash] = []
  /// Where targets come from, as messages name it.
  private let source: String

  /// `classes` are those of a descriptor, of a network or of the training set.
  init(_ reader: any SampleReader, group: String, classes: [String]?, source: String) {
    self.reader = reader
    self.group = group
    self.source = source
    if case .classes(let names, _) = reader.targets { self.classes = classes ?? names }
  }

  /// Once written, what the answers of all samples mean.
  var answers: SampleCoding.Answers {
    switch reader.targets {
    case .classes(_, let shape): .classes(classes ?? [], shape: shape)
    case .values(let shape): .values(shape: shape)
    case .none: .none
    }
  }

  mutating func write(to file: inout HDF5Writer) throws(Failure) {
    let size = reader.shape.reduce(1, *)
    let sampleBytes = size * reader.number.size
    let targetBytes = reader.targets.byteCount
    let block = CachedSamples.blockSize(sampleBytes: sampleBytes)
    let samples = UnsafeMutableRawBufferPointer.allocate(
      byteCount: block * sampleBytes, alignment: 64)
    defer { unsafe samples.deallocate() }
    let targets = UnsafeMutableRawBufferPointer.allocate(
      byteCount: reader.count * targetBytes, alignment: 64)
    defer { unsafe targets.deallocate() }

    var rows = try file.rows(
      of: reader.number == .uint8 ? .uint8 : .float32, shape: [reader.count] + reader.shape,
      at: "\(group)/samples")
    var checksums: [Int64] = []
    for start in stride(from: 0, to: reader.count, by: block) {
      let count = min(block, reader.count - start)
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: samples[..<(count * sampleBytes)])
      let place = start * targetBytes..<(start + count) * targetBytes
      try unsafe reader.read(
        count, samples: part,
        targets: UnsafeMutableRawBufferPointer(rebasing: targets[place]))
      unsafe measure(UnsafeRawBufferPointer(part))
      let checksum = unsafe ContentHash(bytes: UnsafeRawBufferPointer(part)).value
      checksums.append(Int64(bitPattern: checksum))
      if let base = part.baseAddress { try unsafe rows.append(rows: count, base) }
    }
    try reader.finish()
    try rows.close()
    try unsafe checksums.withUnsafeBufferPointer { values throws(Failure) in
      try unsafe file.write(values, shape: [values.count], to: "\(group)/checksums")
    }
    try unsafe writeTargets(targets, to: &file)
    digests = [
      ContentHash(of: checksums), unsafe ContentHash(bytes: UnsafeRawBufferPointer(targets)),
    ]
    try file.write(source, to: "\(group)/source")
  }

  private mutating func measure(_ samples: UnsafeRawBufferPointer) {
    switch reader.number {
    case .uint8: unsafe moments.add(samples.assumingMemoryBound(to: UInt8.self))
    case .int32: unsafe moments.add(samples.assumingMemoryBound(to: Int32.self))
    case .float32: unsafe moments.add(samples.assumingMemoryBound(to: Float.self))
    }
  }

  private mutating func writeTargets(
    _ targets: UnsafeMutableRawBufferPointer, to file: inout HDF5Writer
  ) throws(Failure) {
    switch reader.targets {
    case .classes:
      let labels = unsafe UnsafeBufferPointer(targets.assumingMemoryBound(to: Int32.self))
      if classes == nil {
        let count = min(Self.classLimit, unsafe Int(labels.max() ?? 0) + 1)
        classes = (0..<max(1, count)).map(String.init)
      }
      try unsafe checkRange(of: labels)
      try unsafe file.write(labels, shape: [labels.count], to: "\(group)/labels")
    case .values(let shape):
      let numbers = unsafe UnsafeBufferPointer(targets.assumingMemoryBound(to: Float.self))
      try unsafe file.write(numbers, shape: [reader.count] + shape, to: "\(group)/targets")
    case .none: break
    }
  }

  /// A label beyond this is no class.
  private static let classLimit = 100_000

  private func checkRange(of labels: UnsafeBufferPointer<Int32>) throws(Failure) {
    let count = classes?.count ?? 0
    guard let sample = unsafe labels.firstIndex(where: { !(0..<Int32(count) ~= $0) }) else {
      return
    }
    throw Failure(
      .badData,
      unsafe "'\(reader.targetSource)': sample \(sample) has the label \(labels[sample]), expected 0 to "
        + "\(count - 1)")
  }
}
