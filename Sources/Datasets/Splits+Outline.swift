internal import Configuration
package import Diagnostics

extension Dataset {
  /// What is known of a dataset before its samples are drawn or read.
  package struct Outline: Equatable, Sendable {
    package internal(set) var count: Int
    package let shape: [Int]
    package let number: Number
    /// Whether the samples stay in a file.
    package let isCached: Bool
    package let targets: Kind
    /// The arrays besides samples, targets and weights.
    package let namedFields: [Field]
    /// Whether some target is ignored.
    package let ignoresTargets: Bool
    package let isWeighted: Bool
    /// The number of different tokens, if the samples consist of such.
    package let tokens: Int?
    /// Whether the samples are parts of a text and the targets the next tokens.
    package let isText: Bool
    /// Whether its targets are hidden tokens of the samples instead.
    package internal(set) var isMasked = false
    /// Whether the targets are the tokens of another text.
    package let isTranslation: Bool
    /// Nil if it will be measured on samples that are not there yet.
    package internal(set) var normalisation: Normalisation?

    /// The number of samples of each class; nil where a sample has not one class, or is not drawn
    /// yet.
    package internal(set) var classCounts: ClassCounts?

    /// The outline of at most this many of the samples.
    package func first(_ samples: Int) -> Outline {
      var outline = self
      outline.count = min(count, samples)
      outline.classCounts = nil
      return outline
    }

    /// The targets; `shape` is that of one sample's.
    package enum Kind: Equatable, Sendable {
      case classes(Int, shape: [Int] = [])
      case values(shape: [Int])
      case none

      package var shape: [Int] {
        switch self {
        case .classes(_, let shape), .values(let shape): shape
        case .none: []
        }
      }
    }
  }

  package var outline: Outline {
    let isCached = if case .cached = elements { true } else { false }
    let kind: Outline.Kind =
      switch targets {
      case .classes(_, let names, let shape): .classes(names.count, shape: shape)
      case .next(_, _, let names): .classes(names.count, shape: targets.shape)
      case .values(_, let shape): .values(shape: shape)
      case .none: .none
      }
    return Outline(
      count: count, shape: shape, number: elements.number, isCached: isCached, targets: kind,
      namedFields: namedFields.map(\.field), ignoresTargets: ignoresTargets, isWeighted: isWeighted,
      tokens: coding.inputTokens, isText: coding.isText, isMasked: masking != nil,
      isTranslation: targetTokens != nil,
      normalisation: normalisation, classCounts: classCounts)
  }
}

extension Splits {
  package struct Outline: Equatable, Sendable {
    package let training: Dataset.Outline
    package let validation: Dataset.Outline?
    /// The training set if there is no test set.
    package let test: Dataset.Outline
    package let hasTestSet: Bool
    /// Whether the validation set is the test set.
    let watchesTestSet: Bool

    package init(
      training: Dataset.Outline, validation: Dataset.Outline?, test: Dataset.Outline,
      hasTestSet: Bool, watchesTestSet: Bool
    ) {
      self.training = training
      self.validation = validation
      self.test = test
      self.hasTestSet = hasTestSet
      self.watchesTestSet = watchesTestSet
    }

    /// The same without a validation set.
    package var withoutValidation: Outline {
      Outline(
        training: training, validation: nil, test: test, hasTestSet: hasTestSet,
        watchesTestSet: false)
    }

    /// The sets by their names; one that is watched and tested with is there once.
    package var sets: [(name: String, set: Dataset.Outline)] {
      var sets = [(name: "training", set: training)]
      if let validation, !watchesTestSet { sets.append(("validation", validation)) }
      if hasTestSet { sets.append((watchesTestSet ? "validation and test" : "test", test)) }
      return sets
    }
  }

  package var outline: Outline {
    Outline(
      training: training.outline, validation: validation?.outline, test: test.outline,
      hasTestSet: hasTestSet,
      watchesTestSet: hasTestSet && validation?.contentHash == test.contentHash)
  }
}

extension DataConfiguration {
  /// What `load` will give, without drawing an image.
  package func outline(seed: UInt64, cache: String? = nil) throws(Failure) -> Splits.Outline {
    // All but images are quickly drawn.
    guard case .drawn(let drawn) = source, drawn.outline.number == .uint8, hasFixedSizes,
      !hasBalancedWeights
    else {
      return try load(seed: seed, cache: cache).outline
    }
    try checkKeys()
    let sizes = sizes(of: drawn)
    // The measured normalisation is not known yet.
    let isKnown = settings.value("normalise") != .boolean(true)
    func outline(_ count: Int) -> Dataset.Outline {
      var outline = drawn.outline
      outline.count = count
      outline.normalisation =
        isKnown ? normalisation(Normalisation(scale: 1 / 255, mean: 0, deviation: 1)) : nil
      return outline
    }
    try checkSamples(outline(sizes.training))
    let heldOut =
      if case .share(let share) = validation { Splits.heldOut(share, of: sizes.training) } else {
        0
      }
    try checkBatch(sizes.training - heldOut)
    let test = outline(sizes.test)
    return Splits.Outline(
      training: outline(sizes.training - heldOut),
      validation: heldOut > 0 ? outline(heldOut) : validation == .test ? test : nil, test: test,
      hasTestSet: true, watchesTestSet: validation == .test)
  }
}
