package import Diagnostics

extension Dataset {
  /// What is known of a dataset before its samples are drawn or read.
  package struct Outline: Equatable, Sendable {
    package let count: Int
    package let shape: [Int]
    package let number: Number
    /// Whether the samples stay in a file.
    package let isCached: Bool
    package let targets: Kind
    /// Whether some target is ignored.
    package let ignoresTargets: Bool
    package let isWeighted: Bool
    /// Nil where it is measured on samples that are not there yet.
    package let normalisation: Normalisation?

    /// That of some of the samples, of so many at most.
    package func first(_ samples: Int) -> Outline {
      Outline(
        count: min(count, samples), shape: shape, number: number, isCached: isCached,
        targets: targets, ignoresTargets: ignoresTargets, isWeighted: isWeighted,
        normalisation: normalisation)
    }

    /// What a network is to answer; `shape` is that of one sample's targets.
    package enum Kind: Equatable, Sendable {
      case classes(Int, shape: [Int] = [])
      case values(shape: [Int])
      case none
    }
  }

  package var outline: Outline {
    let isCached = if case .cached = elements { true } else { false }
    let kind: Outline.Kind =
      switch targets {
      case .classes(_, let names, let shape): .classes(names.count, shape: shape)
      case .values(_, let shape): .values(shape: shape)
      case .none: .none
      }
    return Outline(
      count: count, shape: shape, number: elements.number, isCached: isCached, targets: kind,
      ignoresTargets: ignoresTargets, isWeighted: isWeighted, normalisation: normalisation)
  }
}

extension Splits {
  package struct Outline: Equatable, Sendable {
    package let training: Dataset.Outline
    package let validation: Dataset.Outline?
    package let test: Dataset.Outline

    package init(training: Dataset.Outline, validation: Dataset.Outline?, test: Dataset.Outline) {
      self.training = training
      self.validation = validation
      self.test = test
    }

    /// The same where nothing watches the training.
    package var withoutValidation: Outline {
      Outline(training: training, validation: nil, test: test)
    }
  }

  package var outline: Outline {
    Outline(training: training.outline, validation: validation?.outline, test: test.outline)
  }
}

extension DataConfiguration {
  /// What `load` will give, found without drawing a digit.
  package func outline(seed: UInt64, cache: String? = nil) throws(Failure) -> Splits.Outline {
    guard case .made(.digits(let style)) = source, let parts = digitCounts,
      batch <= parts.training
    else {
      // Other datasets are quickly there; and what is wrong is told where they are made.
      return try load(seed: seed, cache: cache).outline
    }
    func digits(_ count: Int) -> Dataset.Outline {
      Dataset.Outline(
        count: count, shape: style.shape, number: .uint8, isCached: false,
        targets: .classes(10), ignoresTargets: false, isWeighted: false,
        normalisation: isNormalisationKnown
          ? normalisation(Normalisation(scale: 1 / 255, mean: 0, deviation: 1)) : nil)
    }
    return Splits.Outline(
      training: digits(parts.training), validation: parts.validation.map(digits),
      test: digits(parts.test))
  }

  /// How many digits each part has; nil where something is wrong with the settings.
  private var digitCounts: (training: Int, validation: Int?, test: Int)? {
    guard (try? checkKeys()) != nil else { return nil }
    let (training, test) = sizes(Digits.defaultSizes)
    switch validation {
    case .test: return (training, test, test)
    case .none: return (training, nil, test)
    case .share(let share):
      guard training > 1 else { return nil }
      let held = Splits.heldOut(share, of: training)
      return (training - held, held, test)
    }
  }
}
