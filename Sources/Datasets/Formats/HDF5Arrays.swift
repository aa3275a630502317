internal import Configuration
internal import Diagnostics
internal import HDF5Files

/// Arrays in an HDF5 file, as h5py writes them: the first dimension counts samples.
struct HDF5Arrays: DescribedFormat {
  static let record = Record(
    "hdf5",
    keys: [
      Key("file", .text, help: "the file"),
      Key(
        "training", .record(FilePair.record("training", hasFields: true)),
        help: "the arrays to learn from"),
      Key(
        "test", .record(FilePair.record("test", hasFields: true)), default: .absent,
        help: "the arrays to be tested with"),
      Key(
        "test_file", .text, default: .absent,
        help: "the file of the test arrays, if it is another"),
      Key(
        "channels", .choice(ChannelAxis.self), default: "last",
        help: "where the channels of images with three dimensions are; none: samples are no images,"
          + " and stay as they are"),
    ],
    help: "An HDF5 file with an array of samples and one of their targets.")

  let files: [String]
  private let training: FilePair
  private let test: FilePair?
  private let channels: ChannelAxis

  init(_ settings: Settings, folder: String) throws(Failure) {
    var files = [try locate(settings.text("file"), in: folder)]
    if let name = settings.optionalText("test_file") {
      guard settings.optionalSection("test") != nil else {
        throw settings.failure(at: "test_file", "needs test, the names of the arrays in it")
      }
      files.append(try locate(name, in: folder))
    }
    self.files = files
    training = try FilePair(arrays: settings.section("training"))
    test = try settings.optionalSection("test").map { section throws(Failure) in
      try FilePair(arrays: section)
    }
    channels = settings.choice("channels")
  }

  /// One file with one pair of arrays.
  init(file: String, _ pair: FilePair, _ channels: ChannelAxis) {
    files = [file]
    training = pair
    test = nil
    self.channels = channels
  }

  static func hasChannelsFirst(_ settings: Settings) -> Bool {
    settings.text("channels") == "first"
  }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let known = options.known?.coding
    let first = try Reader(files[0], training, channels, as: known?.number, known?.fields ?? [])
    let second = try test.map { pair throws(Failure) in
      try Reader(
        files[files.count - 1], pair, channels, as: known?.number ?? first.number, first.fields)
    }
    return (first, second)
  }

  private final class Reader: SampleReader {
    private let pair: FilePair
    private let samples: HDF5Samples
    private let targetArray: HDF5Samples?
    private let named: [HDF5Samples]
    let fields: [Field]
    private var next = 0
    let targets: TargetKind
    let number: Dataset.Number

    /// Reads numbers as a known coding has them, or as `wanted`, if these types take them.
    init(
      _ path: String, _ pair: FilePair, _ channels: ChannelAxis, as wanted: Dataset.Number?,
      _ known: [Field]
    ) throws(Failure) {
      let file = try HDF5Reader(opening: path)
      let samples = try HDF5Samples(file, pair.samples, channels)
      func field(_ name: String, _ noun: String) throws(Failure) -> HDF5Samples {
        let field = try HDF5Samples(file, name, channels, areImages: false)
        guard field.count == samples.count else {
          throw Failure(
            .badData,
            "'\(path)': '\(pair.samples)' has \(samples.count.grouped) samples, '\(name)' "
              + "\(field.count.grouped) \(noun)")
        }
        guard field.shape.count <= 3 else {
          throw Failure(
            .badData,
            "'\(path)': '\(name)' has samples of \(field.shape.text), expected at most 3 dimensions"
          )
        }
        return field
      }
      var named: [HDF5Samples] = []
      for (_, place) in pair.fields { named.append(try field(place, "parts")) }
      let targetArray = try pair.targets.map { name throws(Failure) in try field(name, pair.noun) }
      if let targetArray,
        let shape = pair.targetShape(
          pair.isLabelled ? targetArray.inner : targetArray.shape, channelsFirst: channels == .first
        )
      {
        targets = pair.isLabelled ? .classes(names: nil, shape: shape) : .values(shape: shape)
      } else {
        targets = .none
      }
      number = samples.number.read(as: wanted)
      self.pair = pair
      self.samples = samples
      self.targetArray = targetArray
      self.named = named
      fields = zip(pair.fields, named).map { field, array in
        let number = array.number.read(as: known.first { $0.name == field.name }?.number)
        return Field(field.name, array.shape, number, .named)
      }
    }

    var count: Int { samples.count }
    var shape: [Int] { samples.shape }
    var targetSource: String { "\(samples.path)': '\(pair.targets ?? pair.samples)" }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let rows = next..<next + count
      next += count
      try unsafe self.samples.read(rows, as: number, into: samples)
      guard let targetArray else { return }
      if pair.isLabelled {
        let labels = unsafe targets.assumingMemoryBound(to: Int32.self)
        try targetArray.read(rows) { (place, number) throws(Failure) in
          unsafe labels[place] = pair.label(number)
        }
      } else {
        try unsafe targetArray.read(rows, as: .float32, into: targets, allowsNaN: true)
      }
    }

    func read(
      _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      try unsafe named[place].read(rows, as: fields[place].number, into: target)
    }
  }
}
