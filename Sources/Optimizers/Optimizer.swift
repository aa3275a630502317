package import Configuration
package import Diagnostics

/// A rule that moves weights against their gradient.
///
/// It keeps no state: the moments live in flat buffers of its caller, in the layout of the weights,
/// and start as zeros. What happens to an element depends on that element alone, so any slice of
/// the parameters can be updated anywhere with the same bits.
package struct Optimizer: Sendable {
  package static let kind = Kind.variant(
    "optimizer", [MomentumUpdate.sgd] + AdaptiveMomentUpdate.named.map(\.record))

  /// The learning rate of the configuration, before any schedule.
  package let learningRate: Double
  /// The names of its moments, as in PyTorch's state.
  package let moments: [String]
  let rule: Rule

  enum Rule {
    case momentum(MomentumUpdate)
    case adaptiveMoment(AdaptiveMomentUpdate)
  }

  /// The optimiser of a section that `kind` has checked.
  package init(_ settings: Settings) throws(Failure) {
    learningRate = settings.number("learning_rate")
    if let named = AdaptiveMomentUpdate.named.first(where: { $0.record.name == settings.name }) {
      let update = named.make(settings)
      moments = update.moments
      rule = .adaptiveMoment(update)
    } else {
      let update = try MomentumUpdate(settings)
      moments = update.moments
      rule = .momentum(update)
    }
  }

  /// What this rule does in one step; steps count from 1, and each has its learning rate.
  package func step(_ number: Int, learningRate: Double) -> Step {
    precondition(number >= 1, "steps count from 1")
    switch rule {
    case .momentum(let update): return Step(form: .momentum(update, learningRate: learningRate))
    case .adaptiveMoment(let update):
      return Step(form: .adaptiveMoment(update.step(number, learningRate: learningRate)))
    }
  }

  /// One step of an optimiser: everything that is the same for all elements.
  package struct Step: Sendable {
    fileprivate let form: Form

    fileprivate enum Form {
      case momentum(MomentumUpdate, learningRate: Double)
      case adaptiveMoment(AdaptiveMomentUpdate.Step)
    }

    /// Updates a range of the weights and of the moments in place.
    ///
    /// All pointers count elements from the same one on. There is one for each of the optimiser's
    /// `moments`; `decays` says whether these elements take part in weight decay.
    @unsafe
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    package func apply<Scalar: BinaryFloatingPoint>(
      to range: Range<Int>, of weights: UnsafeMutablePointer<Scalar>,
      gradient: UnsafePointer<Scalar>, moments: [UnsafeMutablePointer<Scalar>], decays: Bool
    ) {
      switch form {
      case .momentum(let update, let learningRate):
        unsafe update.apply(
          to: range, of: weights, gradient: gradient, moments: moments,
          learningRate: learningRate, decays: decays)
      case .adaptiveMoment(let step):
        unsafe step.apply(
          to: range, of: weights, gradient: gradient, moments: moments, decays: decays)
      }
    }
  }
}
