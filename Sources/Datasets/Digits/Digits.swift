internal import Randomness

/// Handwritten-like digits, drawn on the spot: 28 x 28 grey pixels, white on black, ten classes.
///
/// Sample i of a split is a function of (seed, split, i) and shows the digit i mod 10.
package enum Digits {
  package static let side = 28

  package enum Split: UInt16, Sendable { case training, test }

  /// The pixels of the first samples of a split, one after the other.
  package static func draw(_ split: Split, count: Int, seed: UInt64) -> [UInt8] {
    let size = side * side
    var canvas = Canvas(side: side)
    var noise = [Float](repeating: 0, count: size)
    return unsafe [UInt8](unsafeUninitializedCapacity: count * size) { pixels, used in
      for i in 0..<count {
        let stream = RandomStream(
          seed: seed, purpose: .digits, unit: split.rawValue, minor: UInt32(i))
        let hand = Hand(stream: stream, digit: i % 10)
        canvas.clear()
        hand.write(on: &canvas)
        unsafe noise.withUnsafeMutableBufferPointer {
          unsafe stream.fill(normal: $0, from: Hand.noiseStart)
        }
        for j in 0..<size {
          let ink = hand.paper + hand.contrast * canvas.ink(at: j, radius: hand.radius)
          let value = max(0, min(1, ink + hand.noise * noise[j]))
          unsafe pixels[i * size + j] = UInt8(value * 255 + 0.5)
        }
      }
      used = count * size
    }
  }
}

extension Digits {
  package static let defaultSizes = (training: 10_000, test: 2000)

  /// Both splits; the digits are the same in every run, whatever its seed.
  package static func datasets(training: Int, test: Int) -> (training: Dataset, test: Dataset) {
    let first = dataset(.training, count: training)
    return (first, dataset(.test, count: test, normalisation: first.normalisation))
  }

  private static func dataset(
    _ split: Split, count: Int, normalisation: Normalisation? = nil
  ) -> Dataset {
    Dataset(
      shape: [side, side, 1],
      elements: .bytes(draw(split, count: count, seed: 0)),
      targets: .classes((0..<count).map { Int32($0 % 10) }, names: (0..<10).map(String.init)),
      normalisation: normalisation)
  }
}
