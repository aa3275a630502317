internal import Foundation

/// The loss function of the two networks of a GAN.
///
/// For a real sample x, a generated sample y, and the discriminator's output D.
public enum GANLossFunction: String, CaseIterable, Sendable {
  /// The discriminator maximises log D(x) + log(1 - D(y)), the generator minimises it; D is a
  /// probability.
  case minimax
  /// The discriminator, called a critic, maximises D(x) - D(y), the generator minimises it.
  case wasserstein

  /// The discriminator's target: 1 for real samples; 0, or -1 for a critic, for generated ones.
  public func label(type: GANTrainingType) -> Float {
    switch (self, type) {
    case (_, .real): 1
    case (.minimax, .fake): 0
    case (.wasserstein, .fake): -1
    }
  }

  /// The discriminator's objective for one sample: log D(x) and log(1 - D(y)), or D(x) and -D(y).
  ///
  /// The reported loss is the negative mean of these.
  public func loss(_ type: GANTrainingType, value: Float) -> Float {
    switch (self, type) {
    case (.minimax, .real): log(value)
    case (.minimax, .fake): log(1 - value)
    case (.wasserstein, _): label(type: type) * value
    }
  }
}

/// The origin of a sample.
public enum GANTrainingType: String, CaseIterable, Sendable {
  /// A real sample.
  case real
  /// A generated sample.
  case fake
}

/// The networks of a GAN.
public enum GANType: String, CaseIterable, Sendable {
  /// Makes samples from noise.
  case generator
  /// Tells generated samples from real ones.
  case discriminator
}
