internal import Configuration
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
    /// What else belongs to each sample.
    package let namedFields: [Field]
    /// Whether some target is ignored.
    package let ignoresTargets: Bool
    package let isWeighted: Bool
    /// Nil where it is measured on samples that are not there yet.
    package let normalisation: Normalisation?

    /// That of some of the samples, of so many at most.
    package func first(_ samples: Int) -> Outline {
      Outline(
        count: min(count, samples), shape: shape, number: number, isCached: isCached,
        targets: targets, namedFields: namedFields, ignoresTargets: ignoresTargets,
        isWeighted: isWeighted, normalisation: normalisation)
    }

    /// What a network is to answer; `shape` is that of one sample's targets.
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
      case .values(_, let shape): .values(shape: shape)
      case .none: .none
      }
    return Outline(
      count: count, shape: shape, number: elements.number, isCached: isCached, targets: kind,
      namedFields: namedFields.map(\.field), ignoresTargets: ignoresTargets, isWeighted: isWeighted,
      normalisation: normalisation)
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
  /// What `load` will give, found without drawing an image.
  package func outline(seed: UInt64, cache: String? = nil) throws(Failure) -> Splits.Outline {
    guard let drawing, let parts = counts(of: drawing), batch <= parts.training else {
      // Other datasets are quickly there; and what is wrong is told where they are made.
      return try load(seed: seed, cache: cache).outline
    }
    func drawn(_ count: Int) -> Dataset.Outline {
      Dataset.Outline(
        count: count, shape: drawing.shape, number: .uint8, isCached: false,
        targets: drawing.targets, namedFields: [], ignoresTargets: drawing.ignoresTargets,
        isWeighted: false,
        normalisation: isNormalisationKnown
          ? normalisation(Normalisation(scale: 1 / 255, mean: 0, deviation: 1)) : nil)
    }
    return Splits.Outline(
      training: drawn(parts.training), validation: parts.validation.map(drawn),
      test: drawn(parts.test))
  }

  /// What is known of images that take a while to be drawn.
  private struct Drawing {
    let shape: [Int]
    let targets: Dataset.Outline.Kind
    let ignoresTargets: Bool
    let sizes: (training: Int, test: Int)
  }

  private var drawing: Drawing? {
    switch source {
    case .made(.digits(let style)):
      Drawing(
        shape: style.shape, targets: .classes(10), ignoresTargets: false,
        sizes: Digits.defaultSizes)
    case .made(.shapes):
      // Every image has an outline.
      Drawing(
        shape: [Shapes.side, Shapes.side, 1],
        targets: .classes(Shapes.classes.count, shape: [Shapes.side, Shapes.side]),
        ignoresTargets: true, sizes: Shapes.defaultSizes)
    default: nil
    }
  }

  /// How many images each part has; nil where something is wrong with the settings.
  private func counts(
    of drawing: Drawing
  ) -> (training: Int, validation: Int?, test: Int)? {
    guard (try? checkKeys()) != nil,
      !drawing.ignoresTargets || settings.optionalSection("augment") == nil
    else { return nil }
    let (training, test) = sizes(drawing.sizes)
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
