internal import Diagnostics
package import Randomness

/// A dataset that the program draws itself and that needs no file.
///
/// Sample i of a split is a function of (split, i), the same in every run. A new one is a file with
/// a value of this type, and an entry of `all`.
package struct DrawnDataset: Sendable {
  package static let all =
    [
      digits, colourDigits, shapes, multilabelShapes, waves, pairs, adding, copy, induction, sines,
      tags, tokens, sentences, dates,
    ]
    + Points.allCases.map(DrawnDataset.init)

  package enum Split: UInt16, Sendable { case training, test }

  package let name: String
  /// The numbers of samples where a configuration gives none.
  package let defaultSizes: (training: Int, test: Int)
  /// What is known before a sample is drawn; the count is 0.
  package let outline: Dataset.Outline
  /// Draws the first samples of a split; measures the normalisation if it gets none.
  let draw: @Sendable (Split, _ count: Int, Normalisation?) -> Dataset
  /// The fewest steps of a sequence, and the dataset with another number of them; nil where it is
  /// fixed.
  private(set) var steps: (fewest: Int, remade: @Sendable (Int) -> DrawnDataset)?
  /// The dataset with another number of steps to forecast; nil where there are none.
  private(set) var horizon: (@Sendable (Int) -> DrawnDataset)?

  init(
    _ name: String, defaultSizes: (training: Int, test: Int), shape: [Int],
    _ number: Dataset.Number, _ targets: Dataset.Outline.Kind, fields: [Field] = [],
    ignoresTargets: Bool = false, tokens: Int? = nil, isTranslation: Bool = false,
    draw: @escaping @Sendable (Split, _ count: Int, Normalisation?) -> Dataset
  ) {
    self.name = name
    self.defaultSizes = defaultSizes
    outline = Dataset.Outline(
      count: 0, shape: shape, number: number, isCached: false, targets: targets,
      namedFields: fields, ignoresTargets: ignoresTargets, isWeighted: false, tokens: tokens,
      isText: tokens != nil && !isTranslation, isTranslation: isTranslation, normalisation: nil)
    self.draw = draw
  }

  /// A dataset of sequences of any number of steps.
  init(steps: Int, atLeast fewest: Int, _ make: @escaping @Sendable (Int) -> DrawnDataset) {
    self = make(steps)
    self.steps = (fewest, make)
  }

  /// A dataset of series with any number of steps to forecast.
  init(
    steps: Int, horizon: Int,
    _ make: @escaping @Sendable (_ steps: Int, _ horizon: Int) -> DrawnDataset
  ) {
    self.init(steps: steps, atLeast: 1) { make($0, horizon) }
    self.horizon = { DrawnDataset(steps: steps, horizon: $0, make) }
    self.steps = (1, { DrawnDataset(steps: $0, horizon: horizon, make) })
  }

  /// The same with other numbers of steps, if they can be set.
  func with(steps count: Int?, horizon ahead: Int? = nil) -> DrawnDataset {
    var dataset = self
    if let count, let (fewest, make) = steps {
      dataset = make(count)
      dataset.steps = (fewest, make)
    }
    if let ahead, let make = dataset.horizon { dataset = make(ahead) }
    return dataset
  }

  /// Both splits: the test set is normalised as the training set.
  package func datasets(training: Int, test: Int) -> (training: Dataset, test: Dataset) {
    let first = draw(.training, training, nil)
    return (first, draw(.test, test, first.normalisation))
  }

  /// The bytes of a sample with all that belongs to it.
  var sampleBytes: Int {
    let samples = outline.shape.reduce(1, *) * outline.number.size
    let targets = outline.targets == .none ? 0 : 4 * outline.targets.shape.reduce(1, *)
    return samples + targets + outline.namedFields.reduce(0) { $0 + $1.byteCount }
  }
}

extension DrawnDataset: Equatable {
  package static func == (a: DrawnDataset, b: DrawnDataset) -> Bool {
    a.name == b.name && a.outline == b.outline
  }
}

extension RandomStream {
  /// The stream of a sample of a drawn dataset, or of one of its parts.
  package init(
    drawing name: String, _ split: DrawnDataset.Split, sample: Int, part: UInt64 = 0
  ) {
    self.init(
      seed: ContentHash(of: name).value, purpose: .drawing, unit: split.rawValue, major: part,
      minor: UInt32(sample))
  }
}
