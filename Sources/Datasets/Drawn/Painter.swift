internal import Randomness

/// Paints small square images of strokes, one after the other.
struct Painter {
  let side: Int
  /// 1 for grey, 3 for colour.
  let channels: Int
  private var canvas: Canvas
  private var noise: [Float]

  init(side: Int, channels: Int = 1) {
    self.side = side
    self.channels = channels
    canvas = Canvas(side: side)
    noise = [Float](repeating: 0, count: side * side * channels)
  }

  /// The bytes of images, of which `hand` gives what each shows.
  mutating func images(_ count: Int, _ hand: (Int) -> Hand) -> [UInt8] {
    let size = noise.count
    return unsafe [UInt8](unsafeUninitializedCapacity: count * size) { pixels, used in
      for image in 0..<count {
        let bytes = image * size..<(image + 1) * size
        unsafe paint(hand(image), into: UnsafeMutableBufferPointer(rebasing: pixels[bytes]))
      }
      used = count * size
    }
  }

  private mutating func paint(_ hand: Hand, into pixels: UnsafeMutableBufferPointer<UInt8>) {
    let pens = channels == 1 ? [hand.pen] : hand.colours
    canvas.clear()
    hand.write(on: &canvas)
    unsafe noise.withUnsafeMutableBufferPointer {
      unsafe hand.stream.fill(normal: $0, from: Hand.noiseStart)
    }
    for pixel in 0..<side * side {
      let cover = canvas.ink(at: pixel, radius: hand.radius)
      for channel in 0..<channels {
        let place = pixel * channels + channel
        let ink = pens[channel].paper + pens[channel].contrast * cover
        let value = max(0, min(1, ink + hand.noise * noise[place]))
        unsafe pixels[place] = UInt8(value * 255 + 0.5)
      }
    }
  }
}
