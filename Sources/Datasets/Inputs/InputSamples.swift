package import Diagnostics
internal import Files
internal import HDF5Files

/// Samples for predictions, without targets, coded as those of training.
package protocol InputSamples: AnyObject {
  /// Reads the next samples, at most `limit`; returns their number, less only at the end.
  func read(
    _ limit: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) -> Int

  /// Reads the parts of a field of the coding, by its place, that belong to the samples of the last
  /// read.
  func read(
    _ samples: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure)

  /// Whether samples have names, of which some may be nil.
  var hasNames: Bool { get }
  func name(of sample: Int) -> String?

  /// The number of symbols of texts that are no tokens, of the samples that were read.
  var unknownCount: Int { get }

  /// The share of the file that has been read; nil where its end is not known.
  var share: Double? { get }
}

extension InputSamples {
  package var hasNames: Bool { false }
  package func name(of sample: Int) -> String? { nil }
  package var unknownCount: Int { 0 }
  package var share: Double? { nil }

  package func read(
    _ samples: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) { preconditionFailure("only HDF5 files and texts have fields") }
}

extension SampleCoding {
  /// Opens the samples of a file, or of a folder of images, and the fields of the coding.
  ///
  /// `name` is that of the array in an HDF5 file, where several fit; `channelsFirst` says whether
  /// arrays of images had the channels as first axis in training.
  package func open(
    _ path: String, name: String? = nil, channelsFirst: Bool = false
  ) throws(Failure) -> any InputSamples {
    let kind = try FileKind(of: path)
    guard name == nil || kind == .hdf5 else {
      throw Failure(.usage, "--name is that of an array in an HDF5 file; '\(path)' is none")
    }
    guard fields.isEmpty || kind == .hdf5 || kind == .text && columns != nil else {
      throw Failure(
        .badData,
        "'\(path)': the network also reads the fields \(fields.text): give an HDF5 file with "
          + "arrays of these names")
    }
    switch kind {
    case .folder, .png: return try PNGInput(path, isFolder: kind == .folder, self)
    case .hdf5: return try HDF5Input(path, name, channelsFirst: channelsFirst, self)
    case .idx: return try IDXInput(path, self)
    case .text:
      if let columns, let window = columns.window {
        return try SeriesInput(path, columns, window)
      }
      if let columns { return try TableInput(path, columns, tokens, fields: fields) }
      return try NumbersInput(path, self)
    case .other: throw unknownKind(path)
    }
  }

  /// The failure of a file of unknown kind.
  func unknownKind(_ path: String) -> Failure {
    Failure(
      .badData,
      "'\(path)': expected a CSV, IDX, HDF5 or PNG file or a folder of PNG files, found none of "
        + "these"
    )
  }

  /// The failure of samples of another shape or number type.
  func misfit(_ path: String, _ found: [Int], _ numbers: Dataset.Number) -> Failure {
    Failure(
      .badData,
      "'\(path)': expected samples of \(shape.text) \(number.rawValue) as in training, found "
        + "\(found.text) \(numbers.rawValue)")
  }

  /// Whether numbers of a file can become those of training: bytes can be real numbers.
  func takes(_ numbers: Dataset.Number) -> Bool { number.takes(numbers) }

  /// The same with only those of its fields that are among some names.
  package func keeping(fields names: [String]) -> SampleCoding {
    var coding = self
    coding.fields.removeAll { !names.contains($0.name) }
    return coding
  }

  /// Whether the path of an array in an HDF5 file is the name of a field.
  func isField(_ path: String) -> Bool {
    fields.contains { path == $0.name || path == "/\($0.name)" }
  }
}

/// The samples of an IDX file.
private final class IDXInput: InputSamples {
  private let samples: IDXSamples
  private let coding: SampleCoding
  private var rest: Int

  init(_ path: String, _ coding: SampleCoding) throws(Failure) {
    // Images get the channel that the format leaves out, unless training had none.
    let asTheyAre = try IDXSamples(path, .none)
    samples = asTheyAre.shape == coding.shape ? asTheyAre : try IDXSamples(path)
    guard samples.shape == coding.shape, coding.takes(samples.number) else {
      throw coding.misfit(path, samples.shape, samples.number)
    }
    self.coding = coding
    rest = samples.count
  }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let count = min(limit, rest)
    rest -= count
    try unsafe samples.read(
      count, as: coding.number,
      into: UnsafeMutableRawBufferPointer(rebasing: target[..<(count * coding.sampleBytes)]))
    if rest == 0 { try samples.finish() }
    return count
  }

  var share: Double? { 1 - Double(rest) / Double(max(samples.count, 1)) }
}

/// The samples of an array in an HDF5 file.
private final class HDF5Input: InputSamples {
  private let samples: HDF5Samples
  private let fields: [HDF5Samples]
  private let coding: SampleCoding
  private var next = 0

  init(
    _ path: String, _ name: String?, channelsFirst: Bool, _ coding: SampleCoding
  ) throws(Failure) {
    let file = try HDF5Reader(opening: path)
    let name = if let name { name } else { try coding.onlyFitting(file) }
    let (samples, channels) = try coding.samples(file, name, channelsFirst ? .first : .last)
    var fields: [HDF5Samples] = []
    for field in coding.fields {
      let array = try HDF5Samples(file, field.name, channels, areImages: false)
      guard array.count == samples.count, array.shape == field.shape,
        field.number.takes(array.number)
      else {
        let found = Field(field.name, array.shape, array.number, .named)
        throw Failure(
          .badData,
          "'\(path)': expected \([field].text) for each of \(samples.count.grouped) samples, found "
            + "\([found].text) for \(array.count.grouped)")
      }
      fields.append(array)
    }
    self.samples = samples
    self.fields = fields
    self.coding = coding
  }

  func read(
    _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    try unsafe fields[place].read(rows, as: coding.fields[place].number, into: target)
  }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let rows = next..<min(samples.count, next + limit)
    next = rows.upperBound
    try unsafe samples.read(
      rows, as: coding.number,
      into: UnsafeMutableRawBufferPointer(rebasing: target[..<(rows.count * coding.sampleBytes)]))
    return rows.count
  }

  var share: Double? { Double(next) / Double(max(samples.count, 1)) }
}

extension SampleCoding {
  /// The only array with samples of the right shape that is no field.
  func onlyFitting(_ file: borrowing HDF5Reader) throws(Failure) -> String {
    let arrays = try file.outline().compactMap { entry -> (path: String, shape: [Int])? in
      guard case .dataset(_, let shape) = entry.content, !shape.isEmpty, !isField(entry.path)
      else { return nil }
      return (entry.path, shape)
    }
    let fitting = arrays.filter { array in
      ChannelAxis.allCases.contains {
        $0.sampleShape(Array(array.shape.dropFirst())) == self.shape
      }
    }
    if fitting.count == 1 { return fitting[0].path }
    let list = (fitting.isEmpty ? arrays : fitting).prefix(20)
      .map { "'\($0.path)' (\($0.shape.text))" }.joined(separator: ", ")
    throw Failure(
      .badData,
      "'\(file.path)': "
        + (fitting.isEmpty
          ? "no array holds samples of \(shape.text), found \(list.isEmpty ? "none" : list)"
          : "\(fitting.count) arrays hold such samples, choose one by --name: \(list)"))
  }

  /// An array of such samples; its channels may be on another axis than in the training file.
  func samples(
    _ file: borrowing HDF5Reader, _ name: String, _ channels: ChannelAxis
  ) throws(Failure) -> (samples: HDF5Samples, channels: ChannelAxis) {
    let samples = try HDF5Samples(file, name, channels)
    if samples.shape != shape {
      for place in ChannelAxis.allCases where place.sampleShape(samples.inner) == shape {
        let other = try HDF5Samples(file, name, place)
        if takes(other.number) { return (other, place) }
      }
    }
    guard samples.shape == shape, takes(samples.number) else {
      throw misfit("\(file.path)': '\(name)", samples.shape, samples.number)
    }
    return (samples, channels)
  }
}

/// One image, or those of a folder in the order of their names.
private final class PNGInput: InputSamples {
  private let files: [String]
  private let coding: SampleCoding
  private var next = 0

  init(_ path: String, isFolder: Bool, _ coding: SampleCoding) throws(Failure) {
    guard coding.number == .uint8, coding.shape.count == 3, [1, 3].contains(coding.shape[2]) else {
      throw Failure(
        .badData,
        "'\(path)': expected samples of \(coding.shape.text) \(coding.number.rawValue) as in "
          + "training, found images")
    }
    files =
      isFolder
      ? try fileNames(in: path).filter { !$0.hasPrefix(".") && $0.lowercased().hasSuffix(".png") }
        .map { "\(path)/\($0)" } : [path]
    guard !files.isEmpty else {
      throw Failure(.badData, "'\(path)': holds no file that ends in .png")
    }
    self.coding = coding
  }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let size = coding.sampleBytes
    let images = files[next..<min(files.count, next + limit)]
    for (place, file) in images.enumerated() {
      let image = try PNGImage(file)
      try image.check(coding.shape, as: "in training")
      try unsafe image.read(
        channels: coding.shape[2],
        into: UnsafeMutableRawBufferPointer(rebasing: target[place * size..<(place + 1) * size]))
    }
    next = images.endIndex
    return images.count
  }

  var hasNames: Bool { true }
  func name(of sample: Int) -> String? { baseName(files[sample]) }
  var share: Double? { Double(next) / Double(files.count) }
}
