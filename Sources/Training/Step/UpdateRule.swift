internal import Graphs
internal import Networks
internal import Optimizers

/// The update of parameters by their gradient: penalty, clipping, optimizer, running averages.
///
/// Training, the fingerprint and, in Double, `explain` all call it. Constraints on whole rows,
/// `WeightConstraints`, follow it.
struct UpdateRule: Sendable {
  let update: any UpdateFormula
  private let learningRates: LearningRates
  private let penalty: Penalty?
  private let clipping: Clipping?

  init(_ group: ParameterGroup, of configuration: RunConfiguration) {
    update = group.optimizer.update
    learningRates = group.learningRates
    penalty = configuration.penalty
    clipping = configuration.clipping
  }

  var isPenalised: Bool { penalty != nil }
  /// Whether the gradient that the optimizer receives differs from that of the loss.
  var changesGradients: Bool { penalty != nil || clipping != nil }

  /// The optimizer's next step, after `updates` of this network and `steps` of the run.
  func step(afterUpdates updates: Int, steps: Int) -> OptimizerStep {
    update.step(updates + 1, learningRate: learningRate(afterSteps: steps))
  }

  func learningRate(afterSteps steps: Int) -> Double {
    learningRates.learningRate(afterSteps: steps)
  }

  /// Adds the penalty's derivative to the gradient and returns the penalty.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func penalise<Scalar: BinaryFloatingPoint>(
    _ range: Range<Int>, _ updateKind: UpdateKind, of weights: UnsafePointer<Scalar>,
    gradient: UnsafeMutablePointer<Scalar>
  ) -> Double {
    guard let penalty, updateKind == .trained(decays: true) else { return 0 }
    return unsafe penalty.add(to: gradient, for: range, of: weights)
  }

  /// Clips a penalised gradient and updates weights and moments.
  ///
  /// `norm` is that of the gradient of all trained parameters. `range` indexes all pointers.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    _ step: OptimizerStep, norm: Double, to range: Range<Int>, _ updateKind: UpdateKind,
    of weights: UnsafeMutablePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>,
    moments: [UnsafeMutablePointer<Scalar>]
  ) {
    switch updateKind {
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
  /// A copy of a parameter, or of a part of one.
  struct Piece<Scalar: BinaryFloatingPoint> {
    let updateKind: UpdateKind
    private(set) var weights: [Scalar]
    private(set) var gradient: [Scalar]
    /// Empty before the step, and for parameters that are not trained.
    private(set) var moments: [[Scalar]] = []

    init(_ updateKind: UpdateKind, weights: [Scalar], gradient: [Scalar]) {
      self.updateKind = updateKind
      self.weights = weights
      self.gradient = gradient
    }

    mutating func penalise(by rule: UpdateRule) {
      _ = unsafe rule.penalise(
        weights.indices, updateKind, of: weights, gradient: &gradient)
    }

    /// Takes the first step of a run; moments begin at zero.
    mutating func takeFirstStep(by rule: UpdateRule, norm: Double) {
      let (size, step) = (weights.count, rule.step(afterUpdates: 0, steps: 0))
      let count = if case .trained = updateKind { rule.update.moments.count } else { 0 }
      var all = [Scalar](repeating: 0, count: count * size)
      unsafe all.withUnsafeMutableBufferPointer { all in
        let start = all.baseAddress
        unsafe rule.apply(
          step, norm: norm, to: 0..<size, updateKind, of: &weights, gradient: &gradient,
          moments: unsafe start.map { start in unsafe (0..<count).map { unsafe start + $0 * size } }
            ?? [])
      }
      moments = (0..<count).map { Array(all[$0 * size..<($0 + 1) * size]) }
    }

    /// Applies a constraint to each row of the weights.
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

/// How a step changes an element of a parameter.
enum UpdateKind: Equatable {
  /// The optimizer updates it by its gradient.
  case trained(decays: Bool)
  /// It does not change.
  case frozen
  /// It is a running average: it moves towards the batch's value by `momentum` of the distance.
  case average(momentum: Double)
}

extension Parameter {
  var updateKind: UpdateKind {
    switch role {
    case .trained: .trained(decays: decays)
    case .frozen: .frozen
    case .average(let momentum): .average(momentum: momentum)
    }
  }
}
