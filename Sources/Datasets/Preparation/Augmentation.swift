package import Configuration
internal import Diagnostics
internal import Elementary
internal import Randomness

/// Small changes of images that leave what they show: each epoch sees each sample another way.
///
/// What happens to a sample is a function of the seed, the epoch and the sample, so it is the same on
/// any number of ranks and after any interruption. What comes in from beyond an edge is zero.
package struct Augmentation: Equatable, Sendable {
  package let seed: UInt64
  /// The most pixels that an image moves, up, down or sideways.
  package let shift: Int
  /// The most degrees that it turns, either way.
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

  /// What happens to one sample.
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
  /// Puts the changed image of [height, width, channels] into `target`.
  func apply<Number: Intensity>(
    to source: UnsafePointer<Number>, _ shape: [Int], into target: UnsafeMutablePointer<Number>
  ) {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let (sine, cosine) = (Float.sin(angle), Float.cos(angle))
    let (middleRow, middleColumn) = (Float(height - 1) / 2, Float(width - 1) / 2)
    var place = 0
    for row in 0..<height {
      for column in 0..<width {
        // From where it is seen back to where it was: the move, the turn, the mirror.
        let y = Float(row - rows) - middleRow
        let x = Float(column - columns) - middleColumn
        var fromRow = cosine * y - sine * x + middleRow
        var fromColumn = sine * y + cosine * x + middleColumn
        if mirrorsRows { fromRow = Float(height - 1) - fromRow }
        if mirrorsColumns { fromColumn = Float(width - 1) - fromColumn }
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

/// A number that pictures consist of.
protocol Intensity: BitwiseCopyable {
  var intensity: Float { get }
  init(intensity: Float)
}

extension UInt8: Intensity {
  var intensity: Float { Float(self) }
  init(intensity: Float) { self = UInt8(Swift.max(0, Swift.min(255, intensity + 0.5))) }
}

extension Float: Intensity {
  var intensity: Float { self }
  init(intensity: Float) { self = intensity }
}
