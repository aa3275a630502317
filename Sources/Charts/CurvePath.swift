/// The data of SVG paths, with coordinates in tenths.
///
/// A line ends where a value is not finite. A number that stands alone is a dot, which shows with
/// round caps. Of more points than fit, each column keeps the first, the last, the lowest and the
/// highest, so that no peak is lost.
package struct CurvePath: Sendable {
  /// The most points of a path; fewer where `columns` is smaller.
  package static let limit = 800

  package private(set) var data = ""
  private var bytes: [UInt8] = []
  private var isDrawing = false
  private var isLonely = false

  /// A line through points in the order of `x`.
  package init(
    _ points: some RandomAccessCollection<(x: Double, y: Double)>, x: Axis, y: Axis,
    limit: Int = CurvePath.limit
  ) {
    bytes.reserveCapacity(12 * min(points.count, limit) + 16)
    let width = abs(x.places.high - x.places.low)
    let columns = Double(max(1, limit / 4))
    if points.count <= limit || !(width > 0) {
      for point in points { add(point, x, y) }
    } else {
      var column = Column()
      for point in points {
        let number = ((x.place(of: point.x) - min(x.places.low, x.places.high)) / width * columns)
          .rounded(.down)
        if number != column.number || !Self.isDrawn(point.y, y) {
          for point in column.points { add(point, x, y) }
          column = Column(number: number)
        }
        if Self.isDrawn(point.y, y) { column.take(point) } else { end() }
      }
      for point in column.points { add(point, x, y) }
    }
    end()
    data = String(decoding: bytes, as: UTF8.self)
  }

  /// Dots.
  package init(dots points: some Sequence<(x: Double, y: Double)>, x: Axis, y: Axis) {
    for point in points where Self.isDrawn(point.y, y) && Self.isDrawn(point.x, x) {
      move(x.place(of: point.x), y.place(of: point.y))
      bytes += Array("h0".utf8)
    }
    data = String(decoding: bytes, as: UTF8.self)
  }

  /// The points of a column of the picture that are drawn.
  private struct Column {
    var number = -1.0
    private var first: (Int, (x: Double, y: Double))?
    private var last: (Int, (x: Double, y: Double))?
    private var lowest: (Int, (x: Double, y: Double))?
    private var highest: (Int, (x: Double, y: Double))?
    private var count = 0

    init(number: Double = -1) { self.number = number }

    mutating func take(_ point: (x: Double, y: Double)) {
      let place = (count, point)
      count += 1
      first = first ?? place
      last = place
      if let known = lowest, known.1.y <= point.y {} else { lowest = place }
      if let known = highest, known.1.y >= point.y {} else { highest = place }
    }

    /// In the order of the curve, each once.
    var points: [(x: Double, y: Double)] {
      var points: [(Int, (x: Double, y: Double))] = []
      for point in [first, lowest, highest, last].compactMap(\.self).sorted(by: { $0.0 < $1.0 })
      where points.last?.0 != point.0 {
        points.append(point)
      }
      return points.map(\.1)
    }
  }

  private static func isDrawn(_ value: Double, _ axis: Axis) -> Bool {
    value.isFinite && (!axis.isLogarithmic || value > 0)
  }

  private mutating func add(_ point: (x: Double, y: Double), _ x: Axis, _ y: Axis) {
    guard Self.isDrawn(point.y, y) else { return end() }
    let (left, top) = (x.place(of: point.x), y.place(of: point.y))
    if isDrawing {
      bytes.append(UInt8(ascii: "L"))
      append(left)
      bytes.append(UInt8(ascii: " "))
      append(top)
      isLonely = false
    } else {
      move(left, top)
      (isDrawing, isLonely) = (true, true)
    }
  }

  private mutating func move(_ x: Double, _ y: Double) {
    bytes.append(UInt8(ascii: "M"))
    append(x)
    bytes.append(UInt8(ascii: " "))
    append(y)
  }

  private mutating func end() {
    if isLonely { bytes += Array("h0".utf8) }
    (isDrawing, isLonely) = (false, false)
  }

  private mutating func append(_ place: Double) {
    bytes += Self.tenths(place).utf8
  }

  /// A coordinate with one decimal; 0 for NaN.
  package static func tenths(_ place: Double) -> String {
    let tenths = place.isNaN ? 0 : Int((10 * min(max(place, -1e6), 1e6)).rounded())
    let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
  }
}
