package import Configuration
internal import Diagnostics
internal import Elementary
internal import Randomness

/// Random shifts, rotations and flips of training images, new ones in each epoch.
///
/// The change of a sample is a function of the seed, the epoch and the sample, so it is the same on
/// any number of ranks and after any interruption. Pixels from beyond an edge are zero. Targets
/// that are a map of the image move with it. Fields do not, so images or maps among them are
/// refused: the data do not tell a map of the image from an image of its own.
package struct Augmentation: Equatable, Sendable {
  package let seed: UInt64
  /// The largest shift in each direction, in pixels.
  package let shift: Int
  /// The largest rotation, in degrees.
  package let rotation: Double
  package let flip: Flip?

  package enum Flip: String, CaseIterable, Sendable { case horizontal, vertical, both }

  package static let record = Record(
    "augment",
    keys: [
      Key(
        "shift", .integer(in: 0...64), default: 0, help: "most pixels to move, in each direction"),
      Key(
        "rotate", .number(in: .from(0, to: 180)), default: 0,
        help: "most degrees to turn, either way"
      ),
      Key(
        "flip", .choice(Flip.self), default: .absent,
        help: "mirror left and right (horizontal), top and bottom (vertical), each at random"),
    ],
    help: "Random changes of training images, new ones in each epoch.")

  package init(seed: UInt64, shift: Int = 0, rotation: Double = 0, flip: Flip? = nil) {
    self.seed = seed
    self.shift = shift
    self.rotation = rotation
    self.flip = flip
  }

  init(_ settings: Settings, seed: UInt64) {
    self.init(
      seed: seed, shift: settings.integer("shift"), rotation: settings.number("rotate"),
      flip: settings.optionalChoice("flip"))
  }

  /// The change of one sample.
  package struct Change: Equatable, Sendable {
    package var rows = 0
    package var columns = 0
    /// In radians.
    package var angle: Float = 0
    package var mirrorsRows = false
    package var mirrorsColumns = false
  }

  package func change(ofSample sample: Int32, epoch: Int) -> Change {
    let stream = RandomStream(
      seed: seed, purpose: .augmentation, major: UInt64(epoch), minor: UInt32(bitPattern: sample))
    var change = Change()
    change.rows = stream.integer(below: 2 * shift + 1, at: 0) - shift
    change.columns = stream.integer(below: 2 * shift + 1, at: 1) - shift
    let turn = Double(stream.integer(below: (2 << 20) + 1, at: 2) - (1 << 20)) / Double(1 << 20)
    change.angle = Float(turn * rotation * .pi / 180)
    change.mirrorsColumns =
      (flip == .horizontal || flip == .both) && stream.integer(below: 2, at: 3) == 1
    change.mirrorsRows =
      (flip == .vertical || flip == .both) && stream.integer(below: 2, at: 4) == 1
    return change
  }
}

extension Augmentation.Change {
  /// Writes the changed image of [height, width, channels] to `target`.
  func apply<Number: Intensity>(
    to source: UnsafePointer<Number>, _ shape: [Int], into target: UnsafeMutablePointer<Number>
  ) {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let (sine, cosine) = (Float.sin(angle), Float.cos(angle))
    var place = 0
    for row in 0..<height {
      for column in 0..<width {
        let (fromRow, fromColumn) = origin(of: row, column, height, width, sine, cosine)
        let (top, left) = (fromRow.rounded(.down), fromColumn.rounded(.down))
        let (down, right) = (fromRow - top, fromColumn - left)
        for channel in 0..<channels {
          func pixel(_ row: Int, _ column: Int) -> Float {
            guard 0..<height ~= row, 0..<width ~= column else { return 0 }
            return unsafe source[(row * width + column) * channels + channel].intensity
          }
          let (i, j) = (Int(top), Int(left))
          let above = (1 - right) * pixel(i, j) + right * pixel(i, j + 1)
          let below = (1 - right) * pixel(i + 1, j) + right * pixel(i + 1, j + 1)
          unsafe target[place] = Number(intensity: (1 - down) * above + down * below)
          place += 1
        }
      }
    }
  }
}

extension Augmentation.Change {
  /// The place in the source of a pixel of the target: undoes shift, rotation and flip.
  @inline(__always)
  private func origin(
    of row: Int, _ column: Int, _ height: Int, _ width: Int, _ sine: Float, _ cosine: Float
  ) -> (row: Float, column: Float) {
    let (middleRow, middleColumn) = (Float(height - 1) / 2, Float(width - 1) / 2)
    let y = Float(row - rows) - middleRow
    let x = Float(column - columns) - middleColumn
    var fromRow = cosine * y - sine * x + middleRow
    var fromColumn = sine * y + cosine * x + middleColumn
    if mirrorsRows { fromRow = Float(height - 1) - fromRow }
    if mirrorsColumns { fromColumn = Float(width - 1) - fromColumn }
    return (fromRow, fromColumn)
  }

  /// Writes the changed map of targets, [height, width] or with numbers for each pixel.
  ///
  /// Each pixel takes the targets of the nearest one; beyond an edge, those of the edge.
  func apply(
    toTargets source: UnsafePointer<UInt32>, _ shape: [Int],
    into target: UnsafeMutablePointer<UInt32>
  ) {
    let (height, width, size) = (shape[0], shape[1], shape[2...].reduce(1, *))
    let (sine, cosine) = (Float.sin(angle), Float.cos(angle))
    for row in 0..<height {
      for column in 0..<width {
        let from = origin(of: row, column, height, width, sine, cosine)
        let i = max(0, min(height - 1, Int(from.row.rounded())))
        let j = max(0, min(width - 1, Int(from.column.rounded())))
        let place = (row * width + column) * size
        unsafe (target + place).update(from: source + (i * width + j) * size, count: size)
      }
    }
  }
}

extension Augmentation {
  /// Whether targets are a map of images and so move with them.
  static func moves(targets: [Int], withImages shape: [Int]) -> Bool {
    targets.count >= 2 && shape.count == 3 && Array(targets[..<2]) == Array(shape[..<2])
  }

  /// Why it cannot change a dataset; nil if it can.
  func misfit(_ data: Dataset.Outline) -> String? {
    let targets = data.targets.shape
    guard data.shape.count == 3 else {
      return "expected images of height, width and channels, found samples of \(data.shape.text)"
    }
    if let field = data.namedFields.first(where: {
      $0.shape.count == 3 || Self.moves(targets: $0.shape, withImages: data.shape)
    }) {
      return
        "would change the samples and leave the field \([field].text) as it is: leave one of them "
        + "out"
    }
    guard targets.count >= 2 else { return nil }
    guard Self.moves(targets: targets, withImages: data.shape) else {
      return
        "targets of \(targets.text) do not move with images of \(data.shape.text): leave it out"
    }
    guard data.ignoresTargets, shift > 0 || rotation > 0 else { return nil }
    return
      "shift and rotate would move ignored targets out of the image, and change how many count:"
      + " expected flip alone"
  }
}

/// A number of an image.
protocol Intensity: BitwiseCopyable {
  var intensity: Float { get }
  init(intensity: Float)
}

extension UInt8: Intensity {
  var intensity: Float { Float(self) }
  init(intensity: Float) { self = UInt8(Swift.max(0, Swift.min(255, intensity + 0.5))) }
}

extension Int32: Intensity {
  var intensity: Float { Float(self) }
  init(intensity: Float) {
    // The greatest float32 below 2^31.
    self = Int32(Swift.max(-2_147_483_648, Swift.min(2_147_483_520, intensity.rounded())))
  }
}

extension Float: Intensity {
  var intensity: Float { self }
  init(intensity: Float) { self = intensity }
}
