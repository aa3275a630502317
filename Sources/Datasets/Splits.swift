internal import Randomness

/// The parts of a dataset: what is trained on, what is watched, and what is kept for the end.
package struct Splits: Sendable {
  package let training: Dataset
  package let validation: Dataset?
  /// The whole training set where there is no other.
  package let test: Dataset
  package let hasTestSet: Bool

  /// Equal when every part is.
  package var contentHash: ContentHash {
    ContentHash(of: [training, validation, test].compactMap { $0?.contentHash })
  }

  /// Which samples watch the training.
  package enum Validation: Equatable, Sendable {
    case test
    case none
    /// A share of the training set, held out by the seed.
    case share(Double)
  }

  package init(training: Dataset, test: Dataset?, validation: Validation, seed: UInt64) {
    self.test = test ?? training
    hasTestSet = test != nil
    switch validation {
    case .test:
      self.training = training
      self.validation = test
    case .none:
      self.training = training
      self.validation = nil
    case .share(let share):
      let stream = RandomStream(seed: seed, purpose: .split)
      let indices = Permutation(count: training.count, from: stream).indices
      let held = Splits.heldOut(share, of: training.count)
      self.training = training.selecting(indices[held...].sorted())
      self.validation = training.selecting(indices[..<held].sorted())
    }
  }

  /// How many samples a share is: at least one, and at least one is left.
  static func heldOut(_ share: Double, of count: Int) -> Int {
    precondition(count > 1)
    return max(1, min(count - 1, Int((share * Double(count)).rounded())))
  }
}
