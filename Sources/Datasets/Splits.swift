/// A dataset as training, validation and test set.
package struct Splits: Sendable {
  package let training: Dataset
  package let validation: Dataset?
  /// The training set if there is no test set.
  package let test: Dataset
  package let hasTestSet: Bool

  /// The training, validation and test set, as far as they are.
  package var sets: [Dataset] { [training, validation, test].compactMap(\.self) }

  /// Equal when every part is.
  package var contentHash: ContentHash { ContentHash(of: sets.map(\.contentHash)) }

  /// Which samples are the validation set.
  package enum Validation: Equatable, Sendable {
    case test
    case none
    /// A random share of the training set, chosen by the seed; its end where samples follow each
    /// other.
    case share(Double)

    var share: Double? { if case .share(let share) = self { share } else { nil } }
  }

  /// `heldOut` is the validation set where the training set does not hold it.
  ///
  /// Samples of a text follow each other, and others that are read as streams.
  package init(
    training: Dataset, test: Dataset?, validation: Validation, heldOut: Dataset? = nil,
    hasStreams: Bool = false, seed: UInt64
  ) {
    self.test = test ?? training
    hasTestSet = test != nil
    switch validation {
    case .none:
      self.training = training
      self.validation = nil
    case .share where heldOut != nil, .test where heldOut != nil:
      self.training = training
      self.validation = heldOut
    case .test:
      self.training = training
      self.validation = test
    // A random share would tell of its neighbours, and break streams.
    case .share(let share) where training.outline.isText || hasStreams:
      let bound = training.count - Splits.heldOut(share, of: training.count)
      self.training = training.selecting(0..<bound)
      self.validation = training.selecting(bound..<training.count)
    case .share(let share):
      let held = SplitSettings(validation: share, seed: seed).divide(training.count)
      self.training = training.selecting(held.training.sorted())
      self.validation = training.selecting(held.validation.sorted())
    }
  }

  init(training: Dataset, validation: Dataset?, test: Dataset, hasTestSet: Bool) {
    self.training = training
    self.validation = validation
    self.test = test
    self.hasTestSet = hasTestSet
  }

  /// The number of samples in a share: at least 1, and at least 1 is left.
  static func heldOut(_ share: Double, of count: Int) -> Int {
    precondition(count > 1)
    return max(1, min(count - 1, Int((share * Double(count)).rounded())))
  }
}
