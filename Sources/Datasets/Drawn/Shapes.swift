internal import Elementary
internal import Randomness

/// Images of discs, squares and triangles, with a class for each pixel or a label for each shape.
///
/// An image has one to three of them, which may overlap, in uneven light and noise; later ones
/// cover earlier ones. Pixels on an outline are ignored, so samples differ in the number of targets
/// that count.
package enum Shapes {
  package static let side = 32
  package static let classes = ["background", "disc", "square", "triangle"]

  /// Pixels this near to an outline are ignored.
  private static let outline: Float = 0.75
  /// Elements of the stream: eight for the image, eight for each shape, one for each pixel.
  private static let noiseStart = 64
  /// The fewest visible pixels of a shape that is in an image.
  private static let fewestPixels = 10

  /// A class for each pixel.
  fileprivate static func segmented(
    _ split: DrawnDataset.Split, count: Int, normalisation: Normalisation?
  ) -> Dataset {
    var labels: [Int32] = []
    labels.reserveCapacity(count * side * side)
    let pixels = draw(split, count: count) { labels += $0 }
    return Dataset(
      shape: [side, side, 1], elements: .bytes(pixels),
      targets: .classes(labels, names: classes, shape: [side, side]), normalisation: normalisation)
  }

  /// For each shape 1 or 0: whether it is in the image.
  fileprivate static func labelled(
    _ split: DrawnDataset.Split, count: Int, normalisation: Normalisation?
  ) -> Dataset {
    let shapes = 1..<Int32(classes.count)
    var targets: [Float] = []
    let pixels = draw(split, count: count) { labels in
      targets += shapes.map { shape in labels.count { $0 == shape } < fewestPixels ? 0 : 1 }
    }
    return Dataset(
      shape: [side, side, 1], elements: .bytes(pixels),
      targets: .values(targets, shape: [shapes.count]), targetNames: Array(classes[1...]),
      normalisation: normalisation)
  }

  /// Draws images; `each` gets the class of each pixel of one after the other.
  private static func draw(
    _ split: DrawnDataset.Split, count: Int, each: ([Int32]) -> Void
  ) -> [UInt8] {
    let size = side * side
    var labels = [Int32](repeating: 0, count: size)
    var light = [Float](repeating: 0, count: size)
    var noise = [Float](repeating: 0, count: size)
    return unsafe [UInt8](unsafeUninitializedCapacity: count * size) { pixels, used in
      for sample in 0..<count {
        let stream = RandomStream(
          seed: 0, purpose: .shapes, unit: split.rawValue, minor: UInt32(sample))
        let scene = Scene(stream)
        scene.draw(&light, &labels)
        each(labels)
        unsafe noise.withUnsafeMutableBufferPointer {
          unsafe stream.fill(normal: $0, from: noiseStart)
        }
        for pixel in 0..<size {
          let value = max(0, min(1, light[pixel] + scene.noise * noise[pixel]))
          unsafe pixels[sample * size + pixel] = UInt8(value * 255 + 0.5)
        }
      }
      used = count * size
    }
  }

  /// What one image shows.
  private struct Scene {
    private let paper: Float
    private let slope: Point
    let noise: Float
    private let figures: [Figure]

    init(_ stream: RandomStream) {
      func draw(_ property: Int, _ range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * stream.uniform(at: property)
      }
      paper = draw(0, 0.2...0.5)
      slope = Point(draw(1, -0.3...0.3), draw(2, -0.3...0.3)) / Float(Shapes.side)
      noise = draw(3, 0.02...0.06)
      let paper = paper
      figures = (0..<1 + Int(stream.uniform(at: 4) * 3)).map { number in
        let start = 8 * (number + 1)
        // About every other one is darker than the paper.
        let contrast = draw(start + 1, 0.2...0.4)
        let isDarker = paper > 0.3 && stream.uniform(at: start + 2) < 0.5
        return Figure(
          label: 1 + Int32(stream.uniform(at: start) * 3),
          ink: isDarker ? max(0, paper - contrast) : paper + contrast,
          centre: [draw(start + 3, 7...24), draw(start + 4, 7...24)],
          radius: draw(start + 5, 4...8), angle: draw(start + 6, 0...6.28))
      }
    }

    /// Puts down the light and the class of each pixel.
    func draw(_ light: inout [Float], _ labels: inout [Int32]) {
      let middle = Float(Shapes.side - 1) / 2
      for row in 0..<Shapes.side {
        for column in 0..<Shapes.side {
          let point = Point(Float(column), Float(row))
          var (ink, label) = (paper, Int32(0))
          for figure in figures {
            let distance = figure.distance(to: point)
            let cover = max(0, min(1, 0.5 - distance))
            ink += (figure.ink - ink) * cover
            if abs(distance) < Shapes.outline {
              label = -1
            } else if distance < 0 {
              label = figure.label
            }
          }
          let shade = slope * (point - middle)
          let pixel = row * Shapes.side + column
          light[pixel] = ink * (1 + shade.x + shade.y)
          labels[pixel] = label
        }
      }
    }
  }

  /// A disc, a square or a triangle, of about equal size for equal radii.
  private struct Figure {
    /// The number of its class.
    let label: Int32
    let ink: Float
    private let centre: Point
    private let radius: Float
    private let cosine: Float
    private let sine: Float

    init(label: Int32, ink: Float, centre: Point, radius: Float, angle: Float) {
      self.label = label
      self.ink = ink
      self.centre = centre
      self.radius = radius
      (cosine, sine) = (Float.cos(angle), Float.sin(angle))
    }

    /// The distance of a point from the outline; below 0 inside.
    func distance(to point: Point) -> Float {
      let offset = point - centre
      if label == 1 { return (offset.x * offset.x + offset.y * offset.y).squareRoot() - radius }
      let x = cosine * offset.x + sine * offset.y
      let y = cosine * offset.y - sine * offset.x
      if label == 2 { return max(abs(x), abs(y)) - 0.9 * radius }
      // Three sides, a third of a turn apart.
      let half: Float = 0.866_025_4
      return max(y, max(half * x - 0.5 * y, -half * x - 0.5 * y)) - 0.7 * radius
    }
  }
}

extension DrawnDataset {
  static let shapes = DrawnDataset(
    "shapes", defaultSizes: (4000, 1000), shape: [Shapes.side, Shapes.side, 1], .uint8,
    .classes(Shapes.classes.count, shape: [Shapes.side, Shapes.side]), ignoresTargets: true
  ) { Shapes.segmented($0, count: $1, normalisation: $2) }

  static let multilabelShapes = DrawnDataset(
    "multilabel_shapes", defaultSizes: (4000, 1000), shape: [Shapes.side, Shapes.side, 1], .uint8,
    .values(shape: [Shapes.classes.count - 1])
  ) { Shapes.labelled($0, count: $1, normalisation: $2) }
}
