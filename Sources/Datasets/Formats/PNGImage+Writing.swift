internal import CPNG
internal import Diagnostics
internal import Files

extension PNGImage {
  /// Writes 8 bits a channel in grey or red, green, blue, whole or not at all.
  static func write(
    _ pixels: [UInt8], height: Int, width: Int, channels: Int, to path: String
  ) throws(Failure) {
    var image = unsafe png_image()
    unsafe image.version = UInt32(PNG_IMAGE_VERSION)
    unsafe image.height = UInt32(height)
    unsafe image.width = UInt32(width)
    unsafe image.format = channels == 1 ? UInt32(PNG_FORMAT_GRAY) : UInt32(PNG_FORMAT_RGB)
    let file = TemporaryFile(for: path)
    // The library would follow a link that is there already.
    try file.write("")
    guard unsafe png_image_write_to_file(&image, file.path.cPath, 0, pixels, 0, nil) != 0 else {
      let message = unsafe withUnsafeBytes(of: image.message) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw Failure(.cannotCreate, "cannot write '\(path)': \(message)")
    }
    try file.synchronize()
    try file.rename(to: path)
    try synchronizeDirectory(directoryName(path))
  }
}
