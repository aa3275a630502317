internal import Elementary
internal import Randomness

/// How one image is written: one of several forms of its character, a pen, and a place on the page.
struct Hand {
  let radius: Float
  let pen: Pen
  let noise: Float
  private let glyph: Glyph
  private let wobble: Float
  private let across: Point
  private let down: Point
  private let centre: Point
  let stream: RandomStream

  /// Elements of the stream: the properties of the hand, two for each point, one for each number
  /// of a pixel.
  private static let colourStart = 12
  private static let wobbleStart = 16
  static let noiseStart = 256

  /// The lightness of the paper, and how much lighter the ink is (below 0: darker).
  struct Pen {
    let paper: Float
    let contrast: Float
  }

  /// `variation` from 0 to 1 is the part of each range from which the properties are drawn.
  init(_ stream: RandomStream, writing forms: [Glyph], side: Int, variation: Float = 1) {
    func draw(_ property: Int, _ range: ClosedRange<Float>) -> Float {
      let place = 0.5 + variation * (stream.uniform(at: property) - 0.5)
      return range.lowerBound + (range.upperBound - range.lowerBound) * place
    }
    glyph = forms[Int(stream.uniform(at: 0) * Float(forms.count))]
    radius = draw(1, 0.6...1.5)
    let contrast = draw(2, 0.55...0.95)
    pen = Pen(paper: draw(3, 0...0.1), contrast: contrast)
    noise = draw(4, 0.02...0.1)
    wobble = draw(5, 0.01...0.04)
    let middle = Float(side - 1) / 2
    centre = [middle + draw(6, -3...3), middle + draw(7, -3...3)]

    let height = draw(8, 15...22)
    let width = height * draw(9, 0.65...1.1)
    let slant = draw(10, -0.3...0.3)
    let angle = draw(11, -0.2...0.2)
    let (cosine, sine) = (Float.cos(angle), Float.sin(angle))
    across = Point(cosine, sine) * width
    down = Point(-sine - slant * cosine, cosine - slant * sine) * height
    self.stream = stream
  }

  /// For red, green and blue: where the paper is dark the ink is light, and the other way round.
  var colours: [Pen] {
    (0..<3).map { channel in
      let paper = stream.uniform(at: Hand.colourStart + channel)
      let room = paper < 0.5 ? 1 - paper : -paper
      return Pen(paper: paper, contrast: pen.contrast * room)
    }
  }

  func write(on canvas: inout Canvas) {
    var element = Hand.wobbleStart
    func place(_ point: Point) -> Point {
      let shift = Point(stream.normal(at: element), stream.normal(at: element + 1)) * wobble
      element += 2
      let p = point + shift - 0.5
      return centre + across * p.x + down * p.y
    }
    for stroke in glyph.strokes {
      switch stroke {
      case .line(let points): canvas.draw(.line(points.map(place)))
      case .curve(let points): canvas.draw(.curve(points.map(place)))
      }
    }
  }
}
