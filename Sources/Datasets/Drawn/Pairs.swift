internal import Randomness

/// Two images of invented characters, in two classes: different or the same character.
///
/// The field `second` has the second image. A character is a few random strokes, a function of its
/// number; each image shows it in another hand. The test set has characters that the training set
/// has not. Samples of odd numbers show the same character twice.
enum Pairs {
  static let shape = [28, 28, 1]
  static let second = "second"
  private static let name = "pairs"

  /// The numbers of the characters of a split.
  static func characters(of split: DrawnDataset.Split) -> Range<Int> {
    split == .training ? 0..<800 : 800..<1000
  }

  /// Parts of the stream: the two characters of a sample, its two images, and the strokes of a
  /// character.
  private enum Part: UInt64 { case choice, first, second, strokes }

  private static func stream(_ split: DrawnDataset.Split, _ number: Int, _ part: Part)
    -> RandomStream
  { RandomStream(drawing: name, split, sample: number, part: part.rawValue) }

  /// Two to four curves of three or four points, each from anywhere to anywhere.
  private static func character(_ number: Int) -> Glyph {
    let stream = stream(.training, number, .strokes)
    var element = 0
    func next() -> Float {
      element += 1
      return stream.uniform(at: element)
    }
    return Glyph(
      strokes: (0..<2 + Int(3 * next())).map { _ in
        .curve((0..<3 + Int(2 * next())).map { _ in Point(next(), next()) })
      })
  }

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, normalisation: Normalisation?
  ) -> Dataset {
    let characters = characters(of: split).map(character)
    var painter = Painter(side: shape[0])
    func images(_ part: Part, _ character: (RandomStream, _ sample: Int) -> Int) -> [UInt8] {
      painter.images(count) { sample in
        let shown = character(stream(split, sample, .choice), sample)
        return Hand(
          stream(split, sample, part), writing: [characters[shown % characters.count]],
          side: shape[0], variation: 0.4)
      }
    }
    func first(_ choice: RandomStream) -> Int { choice.integer(below: characters.count, at: 0) }
    let firsts = images(.first) { choice, _ in first(choice) }
    let seconds = images(.second) { choice, sample in
      let other = 1 + choice.integer(below: characters.count - 1, at: 1)
      return first(choice) + (sample % 2 == 1 ? 0 : other)
    }
    return Dataset(
      shape: shape, elements: .bytes(firsts),
      targets: .classes((0..<count).map { Int32($0 % 2) }, names: ["different", "same"]),
      namedFields: [NamedField(second, shape: shape, .bytes(seconds))],
      normalisation: normalisation)
  }
}

extension DrawnDataset {
  static let pairs = DrawnDataset(
    "pairs", defaultSizes: (10_000, 2000), shape: Pairs.shape, .uint8, .classes(2),
    fields: [Field(Pairs.second, Pairs.shape, .uint8, .named)]
  ) { Pairs.dataset($0, count: $1, normalisation: $2) }
}
