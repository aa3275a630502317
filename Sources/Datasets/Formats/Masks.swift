internal import Configuration
internal import Diagnostics
internal import Files
internal import Glibc

/// How the pixels of masks become classes.
struct MaskOptions {
  /// Nil if the classes are those that occur.
  let classes: [String]?
  /// The value of ignored pixels.
  private let ignored: UInt8?

  /// Nil if the settings have no masks.
  init?(_ settings: Settings) throws(Failure) {
    let hasMasks = settings.optionalText("masks") != nil
    for key in ["test_masks", "classes", "ignore"]
    where !hasMasks && settings.optionalValue(key) != nil {
      throw settings.failure(at: key, "is for images with masks: name their folder by masks")
    }
    guard hasMasks else { return nil }
    guard (settings.optionalText("test") == nil) == (settings.optionalText("test_masks") == nil)
    else {
      throw settings.failure(
        at: settings.optionalText("test") == nil ? "test_masks" : "test",
        "expected both test and test_masks, found one of them")
    }
    classes = settings.optionalValue("classes")?.list.map(\.text)
    ignored = settings.optionalInteger("ignore").map { UInt8($0) }
  }

  /// Reads the class of each pixel of an image, row by row.
  func read(
    _ path: String, of image: PNGImage, into classes: UnsafeMutableBufferPointer<Int32>
  ) throws(Failure) {
    let mask = try PNGImage(path)
    guard (mask.height, mask.width) == (image.height, image.width) else {
      throw Failure(
        .badData,
        "'\(path)': expected \(image.width)x\(image.height) pixels as '\(image.path)', found "
          + "\(mask.width)x\(mask.height)")
    }
    let step = try PNGChunks(path).step
    var values = [UInt8](repeating: 0, count: classes.count)
    try unsafe values.withUnsafeMutableBufferPointer { values throws(Failure) in
      try unsafe mask.readPlaces(into: UnsafeMutableRawBufferPointer(values))
    }
    for place in values.indices {
      let value = values[place] / step
      unsafe classes[place] = value == ignored ? -1 : Int32(value)
    }
  }
}

/// The chunks of a PNG file before its pixels: refuses a file whose values libpng would change.
struct PNGChunks {
  /// The difference of two neighbouring grey values after conversion to 8 bits.
  let step: UInt8

  init(_ path: String) throws(Failure) {
    let file = try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
    func bytes(_ count: Int, at offset: Int) throws(Failure) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      guard unsafe pread(file.number, &bytes, count, off_t(offset)) == count else {
        throw Failure(.badData, "'\(path)': is cut off before its pixels")
      }
      return bytes
    }
    func failure(_ problem: String) -> Failure {
      Failure(.badData, "'\(path)': expected a mask of grey values or of a palette, \(problem)")
    }
    let (depth, colour) = (try bytes(2, at: 24)[0], try bytes(2, at: 24)[1])
    guard colour == 0 || colour == 3 else { throw failure("found a coloured image") }
    guard 1...8 ~= depth else {
      throw failure("found \(depth) bits for a pixel, at most 8 are read")
    }
    step = colour == 0 ? 255 / UInt8((1 << Int(depth)) - 1) : 1
    var offset = 8
    while true {
      let head = try bytes(8, at: offset)
      let name = String(decoding: head[4...], as: UTF8.self)
      if name == "IDAT" { return }
      // libpng would convert the values; 45455 is the gamma of plain files.
      let gamma: [UInt8] = name == "gAMA" ? try bytes(4, at: offset + 8) : []
      let isPlain = gamma == [0, 0, 0xb1, 0x8f]
      if ["gAMA", "iCCP"].contains(name) && !isPlain || name == "tRNS" && colour == 0 {
        throw failure("found its values changed by a chunk '\(name)': save it without")
      }
      offset += 12 + head[..<4].reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
