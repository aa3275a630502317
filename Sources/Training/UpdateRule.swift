internal import Networks
internal import Optimizers

/// What a step makes of parameters once their gradient is known.
///
/// The chunks of a run, the fingerprint and, in Double, `explain` all go through it. Bounds on
/// whole rows,
/// `WeightConstraint`, come after it.
struct UpdateRule: Sendable {
  let update: any UpdateFormula
  private let learningRates: LearningRates
  private let penalty: Penalty?
  private let clipping: Clipping?

  init(_ learner: Learner, of configuration: RunConfiguration) {
    update = learner.optimizer.update
    learningRates = learner.learningRates
    penalty = configuration.penalty
    clipping = configuration.clipping
  }

  var isPenalised: Bool { penalty != nil }
  /// Whether an optimiser sees another gradient than that of the loss.
  var changesGradients: Bool { penalty != nil || clipping != nil }

  /// The optimiser's next step, after so many updates of a network in so many steps of the run.
  func step(afterUpdates updates: Int, steps: Int) -> OptimizerStep {
    update.step(updates + 1, learningRate: learningRate(afterSteps: steps))
  }

  func learningRate(afterSteps steps: Int) -> Double {
    learningRates.learningRate(afterSteps: steps)
  }

  /// Adds the derivative of the penalty to a gradient and returns the penalty.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func penalise<Scalar: BinaryFloatingPoint>(
    _ range: Range<Int>, _ treatment: Treatment, of weights: UnsafePointer<Scalar>,
    gradient: UnsafeMutablePointer<Scalar>
  ) -> Double {
    guard let penalty, treatment == .trained(decays: true) else { return 0 }
    return unsafe penalty.add(to: gradient, for: range, of: weights)
  }

  /// Clips a penalised gradient, whose norm over all trained parameters is given, and moves weights
  /// and moments.
  ///
  /// All pointers count elements from the same one on.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    _ step: OptimizerStep, norm: Double, to range: Range<Int>, _ treatment: Treatment,
    of weights: UnsafeMutablePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>,
    moments: [UnsafeMutablePointer<Scalar>]
  ) {
    switch treatment {
    case .trained(let decays):
      unsafe clipping?.apply(to: range, of: gradient, norm: norm)
      unsafe update.apply(
        step, to: range, of: weights, gradient: gradient, moments: moments, decays: decays)
    case .frozen: break
    case .average(let momentum):
      unsafe RunningAverage.update(range, of: weights, with: gradient, momentum: momentum)
    }
  }
}

extension UpdateRule {
  /// A parameter, or a part of one, in memory of its own.
  struct Piece<Scalar: BinaryFloatingPoint> {
    let treatment: Treatment
    private(set) var weights: [Scalar]
    private(set) var gradient: [Scalar]
    /// Empty before the step, and where nothing is trained.
    private(set) var moments: [[Scalar]] = []

    init(_ treatment: Treatment, weights: [Scalar], gradient: [Scalar]) {
      self.treatment = treatment
      self.weights = weights
      self.gradient = gradient
    }

    mutating func penalise(by rule: UpdateRule) {
      _ = unsafe rule.penalise(
        weights.indices, treatment, of: weights, gradient: &gradient)
    }

    /// Takes the first step of a run, from moments of zero.
    mutating func takeFirstStep(by rule: UpdateRule, norm: Double) {
      let (size, step) = (weights.count, rule.step(afterUpdates: 0, steps: 0))
      let count = if case .trained = treatment { rule.update.moments.count } else { 0 }
      var all = [Scalar](repeating: 0, count: count * size)
      unsafe all.withUnsafeMutableBufferPointer { all in
        let start = all.baseAddress
        unsafe rule.apply(
          step, norm: norm, to: 0..<size, treatment, of: &weights, gradient: &gradient,
          moments: unsafe start.map { start in unsafe (0..<count).map { unsafe start + $0 * size } }
            ?? [])
      }
      moments = (0..<count).map { Array(all[$0 * size..<($0 + 1) * size]) }
    }

    /// Brings rows of weights back to a bound.
    mutating func constrain(by constraint: WeightConstraint, rows: Int) {
      let size = weights.count / rows
      for row in 0..<rows {
        let squares = weights[row * size..<(row + 1) * size].map { Double($0) * Double($0) }
        unsafe weights.withUnsafeMutableBufferPointer { weights in
          guard let start = weights.baseAddress else { return }
          unsafe constraint.apply(
            to: start + row * size, size, norm: squares.reduce(0, +).squareRoot())
        }
      }
    }
  }
}
