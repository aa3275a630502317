internal import Diagnostics
internal import Files

extension GeneratedSamples {
  /// The pixels between images.
  private static let gap = 2

  /// Writes images as a square grid in a PNG file.
  func writeGrid(to path: String) throws(Failure) {
    guard shape.count == 3, [1, 3].contains(shape[2]) else {
      throw Failure(
        .usage,
        "'\(path)': a PNG shows images of 1 or 3 channels, the samples are \(shape.text): "
          + "use .csv or .h5")
    }
    let columns = Int(Double(count).squareRoot().rounded(.up))
    let rows = (count + columns - 1) / columns
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let (high, wide) = (
      rows * (height + Self.gap) - Self.gap, columns * (width + Self.gap) - Self.gap
    )
    var pixels = [UInt8](repeating: 128, count: high * wide * channels)
    let bytes = bytes
    for sample in 0..<count {
      let (row, column) = sample.quotientAndRemainder(dividingBy: columns)
      let corner = row * (height + Self.gap) * wide + column * (width + Self.gap)
      for y in 0..<height {
        let source = (sample * height + y) * width * channels
        let target = (corner + y * wide) * channels
        pixels.replaceSubrange(
          target..<target + width * channels, with: bytes[source..<source + width * channels])
      }
    }
    try PNGImage.write(pixels, height: high, width: wide, channels: channels, to: path)
  }

  /// Pixels as they are; other numbers scaled from their least and greatest to 0 and 255.
  var bytes: [UInt8] {
    let (low, high): (Float, Float) =
      number == .uint8 ? (0, 255) : (values.min() ?? 0, values.max() ?? 1)
    let factor = high > low ? 255 / (high - low) : 0
    return values.map { UInt8(max(0, min(255, (($0 - low) * factor).rounded()))) }
  }
}
