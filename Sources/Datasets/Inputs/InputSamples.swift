package import Diagnostics
internal import Files
internal import HDF5Files

/// Samples that a network is to answer for: coded as those that it was trained on, with no answers.
package protocol InputSamples: AnyObject {
  /// Reads up to so many samples, one after the other, and returns how many came: fewer only at the end.
  func read(
    _ limit: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) -> Int

  /// What a person calls a sample; nil where it has but its number.
  func name(of sample: Int) -> String?
}

extension InputSamples {
  package func name(of sample: Int) -> String? { nil }
}

extension SampleCoding {
  /// Opens the samples of a file, or of a folder of images.
  ///
  /// `name` is that of an array in an HDF5 file, where several fit; `channelsFirst` says whether arrays
  /// of images had their channels in front in training.
  package func open(
    _ path: String, name: String? = nil, channelsFirst: Bool = false
  ) throws(Failure) -> any InputSamples {
    let kind = try FileKind(of: path)
    guard name == nil || kind == .hdf5 else {
      throw Failure(.usage, "--name is that of an array in an HDF5 file; '\(path)' is none")
    }
    switch kind {
    case .folder, .png: return try PNGInput(path, isFolder: kind == .folder, self)
    case .hdf5: return try HDF5Input(path, name, channelsFirst: channelsFirst, self)
    case .idx: return try IDXInput(path, self)
    case .text:
      if let columns { return try TableInput(path, columns) }
      return try NumbersInput(path, self)
    case .other: throw unknownKind(path)
    }
  }

  /// The failure of a file that is of no known kind.
  func unknownKind(_ path: String) -> Failure {
    Failure(
      .badData,
      "'\(path)': expected a CSV, IDX, HDF5 or PNG file or a folder of PNG files, found none of these"
    )
  }

  /// The failure of samples of another shape or of other numbers.
  func misfit(_ path: String, _ found: [Int], _ numbers: Dataset.Number) -> Failure {
    Failure(
      .badData,
      "'\(path)': expected samples of \(shape.text) \(number.rawValue) as in training, found "
        + "\(found.text) \(numbers.rawValue)")
  }

  /// Whether numbers of a file can stand for those of training: bytes are real numbers as well.
  func takes(_ numbers: Dataset.Number) -> Bool { number.takes(numbers) }

}

/// The samples of an IDX file.
private final class IDXInput: InputSamples {
  private let samples: IDXSamples
  private let coding: SampleCoding
  private var rest: Int

  init(_ path: String, _ coding: SampleCoding) throws(Failure) {
    // Pictures get the channel that the format leaves out, unless training had none.
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
}

/// The samples of an array in an HDF5 file.
private final class HDF5Input: InputSamples {
  private let samples: HDF5Samples
  private let coding: SampleCoding
  private var next = 0

  init(
    _ path: String, _ name: String?, channelsFirst: Bool, _ coding: SampleCoding
  ) throws(Failure) {
    let file = try HDF5Reader(opening: path)
    let name = if let name { name } else { try coding.onlyFitting(file) }
    samples = try coding.samples(file, name, channelsFirst ? .first : .last).samples
    self.coding = coding
  }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let rows = next..<min(samples.count, next + limit)
    next = rows.upperBound
    try unsafe samples.read(
      rows, as: coding.number,
      into: UnsafeMutableRawBufferPointer(rebasing: target[..<(rows.count * coding.sampleBytes)]))
    return rows.count
  }
}

extension SampleCoding {
  /// The only array that holds samples of the right shape.
  func onlyFitting(_ file: borrowing HDF5Reader) throws(Failure) -> String {
    let arrays = try file.outline().compactMap { entry -> (path: String, shape: [Int])? in
      guard case .dataset(_, let shape) = entry.content, !shape.isEmpty else { return nil }
      return (entry.path, shape)
    }
    let fitting = arrays.filter { array in
      ChannelPlace.allCases.contains {
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

  /// An array of such samples; others may have written the channels elsewhere than the training file
  /// has them.
  func samples(
    _ file: borrowing HDF5Reader, _ name: String, _ channels: ChannelPlace
  ) throws(Failure) -> (samples: HDF5Samples, channels: ChannelPlace) {
    let samples = try HDF5Samples(file, name, channels)
    if samples.shape != shape {
      for place in ChannelPlace.allCases where place.sampleShape(samples.inner) == shape {
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

  func name(of sample: Int) -> String? { baseName(files[sample]) }
}
