internal import Foundation

/// What the two networks of a GAN play for.
///
/// For a sample x of the data, a sample y that the generator makes, and the discriminator's answer D.
public enum GANLossFunction: String, CaseIterable, Sendable {
  /// The discriminator makes log D(x) + log(1 - D(y)) large, the generator makes it small; D is a probability.
  case minimax
  /// The discriminator, here called a critic, makes D(x) - D(y) large, the generator makes it small.
  case wasserstein

  /// What a discriminator is to answer: 1 for samples of the data, and 0, or -1 to a critic, for others.
  public func label(type: GANTrainingType) -> Float {
    switch (self, type) {
    case (_, .real): 1
    case (.minimax, .fake): 0
    case (.wasserstein, .fake): -1
    }
  }

  /// What the discriminator's answer to one sample is worth to it: log D(x) and log(1 - D(y)), or D(x) and -D(y).
  ///
  /// The loss that training tells is a mean of these with the sign turned, so that it is to be small.
  public func loss(_ type: GANTrainingType, value: Float) -> Float {
    switch (self, type) {
    case (.minimax, .real): log(value)
    case (.minimax, .fake): log(1 - value)
    case (.wasserstein, _): label(type: type) * value
    }
  }
}

/// Where a sample comes from.
public enum GANTrainingType: String, CaseIterable, Sendable {
  /// From the data.
  case real
  /// From the generator.
  case fake
}

/// The networks of a GAN.
public enum GANType: String, CaseIterable, Sendable {
  /// Makes samples of noise.
  case generator
  /// Tells them from samples of the data.
  case discriminator
}
