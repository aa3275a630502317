/// How a step changes each weight, given its gradient and its moments.
///
/// What happens to an element depends on that element alone, so any slice of the parameters gets
/// the bits that the whole would get.
package protocol UpdateFormula: Sendable {
  /// The names of the moments, as in PyTorch's optimiser state.
  var moments: [String] { get }

  /// The factors of one step; steps count from 1, and each has its learning rate.
  func step(_ number: Int, learningRate: Double) -> OptimizerStep

  /// Updates a range of the weights and of the moments in place.
  ///
  /// All pointers count from the same element. There is one for each of `moments`; `decays` says
  /// whether weight decay applies to these elements.
  @unsafe
  func apply<Scalar: BinaryFloatingPoint>(
    _ step: OptimizerStep, to range: Range<Int>, of weights: UnsafeMutablePointer<Scalar>,
    gradient: UnsafePointer<Scalar>, moments: [UnsafeMutablePointer<Scalar>], decays: Bool)

  /// The formula with its numbers, a line for each quantity: g is the gradient, w a weight, t the
  /// number of the step; a prime marks values after the step.
  func formulas(learningRate: Double) -> [String]
}

extension UpdateFormula {
  package func step(_ number: Int, learningRate: Double) -> OptimizerStep {
    OptimizerStep(rate: learningRate)
  }
}

/// The factors of one step that all elements share, computed in Double.
package struct OptimizerStep: Sendable {
  /// The learning rate, divided by the bias correction of the mean where there is one.
  var rate: Double
  /// The bias correction that the root is multiplied by.
  var rootScale = 1.0
  /// The share of a weight that decoupled decay keeps.
  var keep = 1.0
}
