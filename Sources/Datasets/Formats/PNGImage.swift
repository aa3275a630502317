internal import CPNG
internal import Diagnostics
internal import Files
internal import Glibc

/// A PNG file, read as 8 bits a channel in grey or red, green, blue.
struct PNGImage {
  let path: String
  let height: Int
  let width: Int
  let isColoured: Bool

  /// The most pixels of an image, so that a file cannot exhaust memory.
  private static let pixelLimit = 1 << 24

  /// Reads the head of a file.
  init(_ path: String) throws(Failure) {
    let file = try PNGReading(path)
    self.path = path
    (height, width) = (file.height, file.width)
    isColoured = file.isColoured
    guard height * width <= Self.pixelLimit else {
      throw Failure(.badData, "'\(path)': \(width)x\(height) pixels are too many")
    }
  }

  /// Refuses an image of another shape; `model` names the owner of the shape.
  func check(_ shape: [Int], as model: String) throws(Failure) {
    guard [height, width] == shape.prefix(2) else {
      throw Failure(
        .badData,
        "'\(path)': expected \(shape[1])x\(shape[0]) pixels as \(model), "
          + "found \(width)x\(height)")
    }
    guard shape[2] != 1 || !isColoured else {
      throw Failure(.badData, "'\(path)': expected a grey image as \(model), found a coloured one")
    }
  }

  /// Reads the pixels row by row, channels last; the background of transparent ones is black.
  func read(channels: Int, into pixels: UnsafeMutableRawBufferPointer) throws(Failure) {
    precondition(pixels.count == height * width * channels)
    let file = try PNGReading(path)
    guard file.height == height, file.width == width else {
      throw Failure(.badData, "'\(path)': was replaced meanwhile")
    }
    try unsafe file.finish(channels: channels, pixels)
  }

  /// Reads the grey value of each pixel, or its place in the palette, row by row.
  func readPlaces(into places: UnsafeMutableRawBufferPointer) throws(Failure) {
    precondition(places.count == height * width)
    let file = try PNGReading(path)
    guard file.height == height, file.width == width else {
      throw Failure(.badData, "'\(path)': was replaced meanwhile")
    }
    if file.hasPalette {
      try unsafe file.finishPlaces(places)
    } else {
      try unsafe file.finish(channels: 1, places)
    }
  }
}

extension PNGImage {
  /// Writes 8 bits a channel in grey or RGB, atomically.
  static func write(
    _ pixels: [UInt8], height: Int, width: Int, channels: Int, to path: String
  ) throws(Failure) {
    var image = unsafe png_image(height: height, width: width, channels: channels)
    let file = TemporaryFile(for: path)
    // libpng would follow an existing link.
    try file.write("")
    guard unsafe png_image_write_to_file(&image, file.path.cPath, 0, pixels, 0, nil) != 0 else {
      throw Failure(.cannotCreate, "cannot write '\(path)': \(unsafe image.text)")
    }
    try file.synchronize()
    try file.rename(to: path)
    try synchronizeDirectory(directoryName(path))
  }

  /// The bytes of a file of 8 bits a channel in grey or RGB.
  static func encoded(
    _ pixels: [UInt8], height: Int, width: Int, channels: Int
  ) throws(Failure) -> [UInt8] {
    var image = unsafe png_image(height: height, width: width, channels: channels)
    var size = 0
    var bytes: [UInt8] = []
    // Without memory the function measures.
    var isDone = unsafe png_image_write_to_memory(&image, nil, &size, 0, pixels, 0, nil) != 0
    if isDone {
      bytes = [UInt8](repeating: 0, count: size)
      isDone = unsafe png_image_write_to_memory(&image, &bytes, &size, 0, pixels, 0, nil) != 0
    }
    guard isDone else {
      throw Failure(.internalError, "cannot make a PNG image: \(unsafe image.text)")
    }
    return Array(bytes.prefix(size))
  }
}

extension png_image {
  fileprivate init(height: Int, width: Int, channels: Int) {
    unsafe self.init()
    unsafe version = UInt32(PNG_IMAGE_VERSION)
    unsafe self.height = UInt32(height)
    unsafe self.width = UInt32(width)
    unsafe format = channels == 1 ? UInt32(PNG_FORMAT_GRAY) : UInt32(PNG_FORMAT_RGB)
  }

  /// What libpng says of a failure.
  fileprivate var text: String {
    unsafe withUnsafeBytes(of: message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

/// A file whose header has been read; libpng needs its struct at a fixed address.
@safe private struct PNGReading: ~Copyable {
  private let image: UnsafeMutablePointer<png_image>
  private let stream: UnsafeMutablePointer<FILE>
  private let path: String

  init(_ path: String) throws(Failure) {
    // libpng would wait for the writer of a FIFO.
    let file = try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
    guard let stream = unsafe fdopen(fcntl(file.number, F_DUPFD_CLOEXEC, 0), "rb") else {
      throw systemFailure("read", path, otherwise: .noInput)
    }
    let image = UnsafeMutablePointer<png_image>.allocate(capacity: 1)
    unsafe image.initialize(to: png_image())
    unsafe image.pointee.version = UInt32(PNG_IMAGE_VERSION)
    guard unsafe png_image_begin_read_from_stdio(image, stream) != 0 else {
      defer {
        unsafe fclose(stream)
        unsafe image.deallocate()
      }
      throw unsafe Self.failure(path, image)
    }
    unsafe self.image = image
    unsafe self.stream = stream
    self.path = path
  }

  deinit {
    unsafe png_image_free(image)
    unsafe fclose(stream)
    unsafe image.deallocate()
  }

  var height: Int { unsafe Int(image.pointee.height) }
  var width: Int { unsafe Int(image.pointee.width) }
  var isColoured: Bool { unsafe image.pointee.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0 }

  var hasPalette: Bool { unsafe image.pointee.format & UInt32(PNG_FORMAT_FLAG_COLORMAP) != 0 }

  /// With a palette of the same colours in the same order, which is not looked at.
  func finishPlaces(_ places: UnsafeMutableRawBufferPointer) throws(Failure) {
    unsafe image.pointee.format = UInt32(PNG_FORMAT_FLAG_COLORMAP | PNG_FORMAT_FLAG_COLOR)
    var palette = [UInt8](repeating: 0, count: 3 * 256)
    var black = png_color(red: 0, green: 0, blue: 0)
    guard unsafe png_image_finish_read(image, &black, places.baseAddress, 0, &palette) != 0 else {
      throw unsafe Self.failure(path, image)
    }
  }

  func finish(channels: Int, _ pixels: UnsafeMutableRawBufferPointer) throws(Failure) {
    unsafe image.pointee.format = channels == 1 ? UInt32(PNG_FORMAT_GRAY) : UInt32(PNG_FORMAT_RGB)
    var black = png_color(red: 0, green: 0, blue: 0)
    guard unsafe png_image_finish_read(image, &black, pixels.baseAddress, 0, nil) != 0 else {
      throw unsafe Self.failure(path, image)
    }
  }

  private static func failure(_ path: String, _ image: UnsafeMutablePointer<png_image>) -> Failure {
    Failure(.badData, "'\(path)': cannot be read as a PNG image: \(unsafe image.pointee.text)")
  }
}
