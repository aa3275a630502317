package import Configuration

/// A rule that moves weights against their gradient.
///
/// It keeps no state: the moments live in flat buffers of its caller, in the layout of the weights,
/// and start as zeros. What happens to an element depends on that element alone, so any slice of
/// the parameters can be updated anywhere with the same bits.
package struct Optimizer: Sendable {
  package static let kind = Kind.variant(
    "optimizer", [MomentumUpdate.sgd, AdaptiveMomentUpdate.adam])

  /// The learning rate of the configuration, before any schedule.
  package let learningRate: Double
  /// The names of its moments, as in PyTorch's state.
  package let moments: [String]
  private let rule: Rule

  private enum Rule {
    case momentum(MomentumUpdate)
    case adaptiveMoment(AdaptiveMomentUpdate)
  }

  /// The optimiser of a section that `kind` has checked.
  package init(_ settings: Settings) {
    learningRate = settings.number("learning_rate")
    if settings.name == MomentumUpdate.sgd.name {
      let update = MomentumUpdate(settings)
      moments = update.moments
      rule = .momentum(update)
    } else {
      let update = AdaptiveMomentUpdate(settings)
      moments = update.moments
      rule = .adaptiveMoment(update)
    }
  }

  /// Updates a slice of the weights and of the moments in place.
  ///
  /// - Parameters:
  ///   - weights: The slice to update.
  ///   - gradient: As many elements as there are weights.
  ///   - moments: One buffer of that size for each of the names in `moments`.
  ///   - step: The number of this update, counted from 1.
  ///   - learningRate: The learning rate of this step.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func update<Scalar: BinaryFloatingPoint>(
    _ weights: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    moments: [UnsafeMutableBufferPointer<Scalar>], step: Int, learningRate: Double
  ) {
    precondition(step >= 1, "steps count from 1")
    unsafe precondition(
      gradient.count == weights.count && moments.count == self.moments.count
        && moments.allSatisfy { $0.count == weights.count },
      "weights, gradient and moments differ in size")
    switch rule {
    case .momentum(let update):
      unsafe update.apply(weights, gradient, moments, learningRate: learningRate)
    case .adaptiveMoment(let update):
      unsafe update.apply(weights, gradient, moments, step: step, learningRate: learningRate)
    }
  }
}
