import Datasets
import Diagnostics
import TestSupport
import Testing

/// Damaged data files: every one is read or refused in one line, and quickly.
@Suite struct MutationTests {
  let files: DataFolder

  init() throws { files = try DataFolder() }

  /// Reads a dataset again and again, each time with another damage of one of its files.
  private func damage(
    _ name: String, _ contents: [UInt8], isText: Bool = false, seed: UInt64, of data: String,
    looking look: (String) throws(Failure) -> Void
  ) throws {
    var mutator = Mutator(seed: seed)
    var tally = MutationTally()
    for number in 0..<Mutator.count {
      let bytes =
        isText
        ? mutator.text(String(decoding: contents, as: UTF8.self)) : mutator.bytes(contents)
      try files.put(bytes, at: "data/\(name)")
      // Damaged data are 65; a configuration that does not fit them, such as a missing column, 78.
      tally.add(number, statuses: [65, 78]) { status { () throws(Failure) in try load(data) } }
      tally.add(number, statuses: [65]) {
        status { () throws(Failure) in try look(files.path("data/\(name)")) }
      }
    }
    print("\(name): \(tally)")
    #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5))")
  }

  func status(_ body: () throws(Failure) -> Void) -> (Int32, String)? {
    do throws(Failure) {
      try body()
      return nil
    } catch { return (error.code.rawValue, error.message) }
  }

  func load(_ data: String) throws(Failure) {
    do { _ = try files.load(data) } catch let failure as Failure { throw failure } catch {
      throw Failure(.internalError, "\(error)")
    }
  }

  @Test func tables() throws {
    let text = #"""
      x,colour,"size, mm",kind
      1.5,red,10,a
      -2e3,"dark ""blue""",11,b
      3,red,12.25,a
      4,green,1e10,b

      """#
    try damage(
      "t.csv", Array(text.utf8), isText: true, seed: 21,
      of: "dataset: {csv: {training: t.csv, label: kind, categorical: [colour]}}"
    ) { path throws(Failure) in _ = try TableSummary(of: path) }
  }

  /// Whatever becomes of a series, a line of the file is named.
  @Test func series() throws {
    let text =
      "at,place,load,door\n"
      + (0..<24).map { hour in
        "2024-02-\(hour < 12 ? 28 : 29) \(10 + hour % 12):00,\(["a", "b"][hour % 2]),"
          + "\(Double(hour * 7 % 11) / 4),\(["shut", "\"wide, open\""][hour / 3 % 2])\n"
      }.joined() + "2024-03-01T09:00:00.5+02:00,a,1e30,shut\n1709300000,b,-0,shut\n"
    let data = """
      dataset: {csv: {training: s.csv, targets: [load], categorical: [door], group: place, time: at, \
      calendar: [day, year], window: {length: 3, horizon: 2, test: 0.4}}}
      """
    try files.put(text, at: "data/s.csv")
    let coding = try files.load(data).training.coding
    let columns = try #require(coding.columns)
    try damage("s.csv", Array(text.utf8), isText: true, seed: 27, of: data) {
      path throws(Failure) in
      do throws(Failure) {
        let origins = try ForecastOrigins(endsOf: path, columns)
        for origin in 0..<origins.count { _ = origins.time(of: origin, step: 3) }
        _ = try coding.open(path)
      } catch {
        guard
          error.message.contains(#/s.csv:[0-9]+: /#)
            || ["no samples", "the file is empty", "found none of these"].contains(
              where: error.message.contains)
        else { throw Failure(.internalError, "no line number: \(error.message)") }
        throw error
      }
    }
  }

  @Test func texts() throws {
    let text = "id,mood,review\n1,up,a good film\n2,down,\"bad, very \"\"bad\"\"\"\n3,up,gut é\n"
    let data = "dataset: {csv: {training: r.csv, label: mood, text: review}}"
    try files.put(text, at: "data/r.csv")
    let coding = try files.load(data).training.coding
    try damage("r.csv", Array(text.utf8), isText: true, seed: 28, of: data) {
      path throws(Failure) in
      let samples = try coding.open(path)
      var numbers = [Int32](repeating: 0, count: 64 * coding.shape[0])
      _ = try unsafe numbers.withUnsafeMutableBufferPointer { numbers throws(Failure) in
        try unsafe samples.read(64, into: UnsafeMutableRawBufferPointer(numbers))
      }
    }
  }

  private static let pair = "dataset: {idx: {training: {samples: images, labels: labels}}}"

  @Test(arguments: [false, true]) func idxFiles(isPacked: Bool) throws {
    try files.put(DataFolder.idx([3], [2, 0, 1]), at: "data/labels")
    let images = DataFolder.idx([3, 2, 2], Array(1...12))
    try damage(
      "images", isPacked ? DataFolder.gzip(images) : images, seed: isPacked ? 22 : 23, of: Self.pair
    ) { path throws(Failure) in _ = try IDXHead(of: path) }
  }

  @Test func idxLabels() throws {
    try files.put(DataFolder.idx([3, 2, 2], Array(1...12)), at: "data/images")
    try damage("labels", DataFolder.idx([3], [2, 0, 1]), seed: 24, of: Self.pair) {
      path throws(Failure) in _ = try IDXHead(of: path)
    }
  }

  @Test(arguments: [1, 3]) func images(channels: Int) throws {
    let pixels = (0..<12 * channels).map { UInt8($0 * 7) }
    try files.png("data/train/a/b.png", width: 4, height: 3, channels: channels, pixels)
    try files.png("data/train/a/a.png", width: 4, height: 3, channels: channels, pixels)
    let whole = [UInt8](try files.folder.data(of: "data/train/a/b.png"))
    try damage("train/a/b.png", whole, seed: 25, of: "dataset: {images: train}") {
      path throws(Failure) in _ = try PNGHead(of: path)
    }
  }

  @Test func masks() throws {
    let pixels = (0..<12).map { UInt8($0 % 3) }
    try files.png("data/x/a.png", width: 4, height: 3, channels: 1, pixels)
    try files.png("data/y/a.png", width: 4, height: 3, channels: 1, pixels)
    let whole = [UInt8](try files.folder.data(of: "data/y/a.png"))
    try damage(
      "y/a.png", whole, seed: 26, of: "dataset: {images: {training: x, masks: y, ignore: 255}}"
    ) { path throws(Failure) in _ = try PNGHead(of: path) }
  }
}
