internal import Randomness

/// Digits as if written by hand, in ten classes: sample i shows the digit i mod 10.
package enum Digits {
  package enum Style: Sendable {
    /// 28 x 28 pixels, light on dark.
    case grey
    /// 32 x 32 pixels of red, green and blue, in any colour on any other.
    case colour

    var side: Int { self == .grey ? 28 : 32 }
    var channels: Int { self == .grey ? 1 : 3 }
    package var shape: [Int] { [side, side, channels] }
  }

  /// The pixels of the first samples of a split, one after the other.
  package static func draw(
    _ split: DrawnDataset.Split, count: Int, seed: UInt64, style: Style = .grey
  ) -> [UInt8] {
    var painter = Painter(side: style.side, channels: style.channels)
    return painter.images(count) { sample in
      Hand(
        RandomStream(
          seed: seed, purpose: .digits, unit: split.rawValue, minor: UInt32(sample)),
        writing: Glyph.styles[sample % 10], side: style.side)
    }
  }

  fileprivate static func drawn(_ name: String, _ style: Style) -> DrawnDataset {
    DrawnDataset(
      name, defaultSizes: (10_000, 2000), shape: style.shape, .uint8, .classes(10)
    ) { split, count, normalisation in
      Dataset(
        shape: style.shape, elements: .bytes(draw(split, count: count, seed: 0, style: style)),
        targets: .classes((0..<count).map { Int32($0 % 10) }, names: (0..<10).map(String.init)),
        normalisation: normalisation)
    }
  }
}

extension DrawnDataset {
  package static let digits = Digits.drawn("digits", .grey)
  package static let colourDigits = Digits.drawn("colour_digits", .colour)
}
