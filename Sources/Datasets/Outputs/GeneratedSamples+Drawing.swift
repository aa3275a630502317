internal import Diagnostics

extension GeneratedSamples {
  private static let side = 600.0

  /// The samples as points in an SVG image.
  func drawing(for path: String) throws(Failure) -> String {
    guard shape == [2] else {
      throw Failure(
        .usage,
        "'\(path)': an SVG shows samples of 2 numbers, here they are \(shape.text): use .png of "
          + "images, .csv or .h5")
    }
    let reach = values.reduce(0) { max($0, abs($1)) }
    let scale = Self.side / 2.1 / Double(reach > 0 && reach.isFinite ? reach : 1)
    func place(_ number: Float, _ direction: Double) -> String {
      (Self.side / 2 + direction * scale * Double(number)).formatted(1)
    }
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.side)) \(Int(Self.side))">
      <rect width="100%" height="100%" fill="white"/>
      <g fill="#1f5fa8" fill-opacity="0.5">

      """
    for start in stride(from: 0, to: values.count, by: 2) {
      let (x, y) = (values[start], values[start + 1])
      guard x.isFinite, y.isFinite else { continue }
      text += "<circle cx=\"\(place(x, 1))\" cy=\"\(place(y, -1))\" r=\"2\"/>\n"
    }
    return text + "</g>\n</svg>\n"
  }
}
