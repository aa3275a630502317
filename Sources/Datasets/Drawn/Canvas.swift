/// The distance from each pixel of a small square image to the pen's path.
struct Canvas {
  let side: Int
  private var squaredDistances: [Float]
  /// The pen leaves no ink farther away than this, in pixels.
  private let reach: Float = 3

  init(side: Int) {
    self.side = side
    squaredDistances = [Float](repeating: .infinity, count: side * side)
  }

  mutating func clear() {
    for i in squaredDistances.indices { squaredDistances[i] = .infinity }
  }

  /// Moves the pen along a stroke; its points are in pixels.
  mutating func draw(_ stroke: Glyph.Stroke) {
    switch stroke {
    case .line(let points):
      for (a, b) in zip(points, points.dropFirst()) { draw(from: a, to: b) }
    case .curve(let points):
      drawCurve(points)
    }
  }

  /// The ink at a pixel: 1 within the pen's radius, falling to 0 over the width of a pixel.
  func ink(at pixel: Int, radius: Float) -> Float {
    max(0, min(1, radius + 0.5 - squaredDistances[pixel].squareRoot()))
  }

  /// A Catmull-Rom spline through the points, each span drawn as four lines.
  private mutating func drawCurve(_ points: [Point]) {
    for i in 0..<(points.count - 1) {
      let (b, c) = (points[i], points[i + 1])
      let a = i > 0 ? points[i - 1] : b + (b - c)
      let d = i + 2 < points.count ? points[i + 2] : c + (c - b)
      let linear = (c - a) * 0.5
      let square = a - b * 2.5 + c * 2 - d * 0.5
      let cube = (b - c) * 1.5 + (d - a) * 0.5
      var last = b
      for quarter in 1...4 {
        let t = Float(quarter) * 0.25
        let next = b + (linear + (square + cube * t) * t) * t
        draw(from: last, to: next)
        last = next
      }
    }
  }

  private mutating func draw(from a: Point, to b: Point) {
    let along = b - a
    let length = along.x * along.x + along.y * along.y
    let inverse = length > 0 ? 1 / length : 0
    let (rows, columns) = (pixels(a.y, b.y), pixels(a.x, b.x))
    for row in rows {
      let y = Float(row) - a.y
      for column in columns {
        let x = Float(column) - a.x
        let t = max(0, min(1, (x * along.x + y * along.y) * inverse))
        let (dx, dy) = (x - t * along.x, y - t * along.y)
        let pixel = row * side + column
        squaredDistances[pixel] = min(squaredDistances[pixel], dx * dx + dy * dy)
      }
    }
  }

  /// The rows or columns in reach of an interval.
  private func pixels(_ a: Float, _ b: Float) -> Range<Int> {
    let limit = Float(side)
    let low = Int(max(0, min(limit, min(a, b) - reach)))
    let high = Int(max(0, min(limit, max(a, b) + reach + 1)))
    return low..<high
  }
}
