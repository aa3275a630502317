internal import Randomness

/// Handwritten-like digits, drawn on the spot, in ten classes.
///
/// Sample i of a split is a function of (seed, split, i) and shows the digit i mod 10.
package enum Digits {
  package enum Split: UInt16, Sendable { case training, test }

  package enum Style: Sendable {
    /// 28 x 28 pixels, light on dark.
    case grey
    /// 32 x 32 pixels of red, green and blue, in any colour on any other.
    case colour

    package var side: Int { self == .grey ? 28 : 32 }
    package var channels: Int { self == .grey ? 1 : 3 }
    package var shape: [Int] { [side, side, channels] }
  }

  /// The pixels of the first samples of a split, one after the other.
  package static func draw(
    _ split: Split, count: Int, seed: UInt64, style: Style = .grey
  ) -> [UInt8] {
    let (side, channels) = (style.side, style.channels)
    let size = side * side * channels
    var canvas = Canvas(side: side)
    var noise = [Float](repeating: 0, count: size)
    return unsafe [UInt8](unsafeUninitializedCapacity: count * size) { pixels, used in
      for i in 0..<count {
        let stream = RandomStream(
          seed: seed, purpose: .digits, unit: split.rawValue, minor: UInt32(i))
        let hand = Hand(stream: stream, digit: i % 10, side: side)
        let pens = style == .grey ? [hand.pen] : hand.colours
        canvas.clear()
        hand.write(on: &canvas)
        unsafe noise.withUnsafeMutableBufferPointer {
          unsafe stream.fill(normal: $0, from: Hand.noiseStart)
        }
        for pixel in 0..<side * side {
          let cover = canvas.ink(at: pixel, radius: hand.radius)
          for channel in 0..<channels {
            let j = pixel * channels + channel
            let ink = pens[channel].paper + pens[channel].contrast * cover
            let value = max(0, min(1, ink + hand.noise * noise[j]))
            unsafe pixels[i * size + j] = UInt8(value * 255 + 0.5)
          }
        }
      }
      used = count * size
    }
  }
}

extension Digits {
  package static let defaultSizes = (training: 10_000, test: 2000)

  /// Both splits; the digits are the same in every run, whatever its seed.
  package static func datasets(
    training: Int, test: Int, style: Style = .grey
  ) -> (training: Dataset, test: Dataset) {
    let first = dataset(.training, count: training, style)
    return (first, dataset(.test, count: test, style, normalisation: first.normalisation))
  }

  private static func dataset(
    _ split: Split, count: Int, _ style: Style, normalisation: Normalisation? = nil
  ) -> Dataset {
    Dataset(
      shape: style.shape, elements: .bytes(draw(split, count: count, seed: 0, style: style)),
      targets: .classes((0..<count).map { Int32($0 % 10) }, names: (0..<10).map(String.init)),
      normalisation: normalisation)
  }
}
