internal import Elementary
internal import Randomness

/// Discs, squares and triangles with a class for each pixel, drawn on the spot: to see whether what
/// learns to segment does.
///
/// An image has one to three of them, which may overlap, in uneven light and noise; what is drawn
/// later covers what was before. Pixels on an outline are ignored, so the targets that count are
/// not equally many in all samples. Sample i of a split is a function of (split, i), the same in
/// every run.
package enum Shapes {
  package static let defaultSizes = (training: 4000, test: 1000)
  package static let side = 32
  package static let classes = ["background", "disc", "square", "triangle"]

  /// How near to an outline a pixel is ignored.
  private static let outline: Float = 0.75
  /// Elements of the stream: eight for the image, eight for each shape, one for each pixel.
  private static let noiseStart = 64

  /// Both splits.
  static func datasets(training: Int, test: Int) -> (training: Dataset, test: Dataset) {
    Dataset.splits(training: training, test: test, made: dataset)
  }

  private static func dataset(
    split: UInt16, count: Int, normalisation: Normalisation?
  ) -> Dataset {
    let size = side * side
    var labels = [Int32](repeating: 0, count: count * size)
    var light = [Float](repeating: 0, count: size)
    var noise = [Float](repeating: 0, count: size)
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count * size) { pixels, used in
      for sample in 0..<count {
        let stream = RandomStream(
          seed: 0, purpose: .shapes, unit: split, minor: UInt32(sample))
        let scene = Scene(stream)
        unsafe labels.withUnsafeMutableBufferPointer { labels in
          let place = sample * size..<(sample + 1) * size
          unsafe light.withUnsafeMutableBufferPointer {
            unsafe scene.draw($0, UnsafeMutableBufferPointer(rebasing: labels[place]))
          }
        }
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
    return Dataset(
      shape: [side, side, 1], elements: .bytes(pixels),
      targets: .classes(labels, names: classes, shape: [side, side]), normalisation: normalisation)
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
        // Every other one or so is darker than the paper.
        let contrast = draw(start + 1, 0.2...0.4)
        let isDarker = paper > 0.3 && stream.uniform(at: start + 2) < 0.5
        return Figure(
          label: 1 + Int32(stream.uniform(at: start) * 3),
          ink: isDarker ? max(0, paper - contrast) : paper + contrast,
          centre: [draw(start + 3, 7...24), draw(start + 4, 7...24)],
          radius: draw(start + 5, 4...8), angle: draw(start + 6, 0...6.28))
      }
    }

    func draw(
      _ light: UnsafeMutableBufferPointer<Float>, _ labels: UnsafeMutableBufferPointer<Int32>
    ) {
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
          unsafe light[pixel] = ink * (1 + shade.x + shade.y)
          unsafe labels[pixel] = label
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

    /// How far a point is outside; below 0 inside.
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
