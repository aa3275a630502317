internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Training

/// Weights at which gradients are compared, and the exact gradients there.
struct GradientPoint {
  private let loss: ReferenceLoss
  private let weights: ReferenceLoss.Weights
  private let parameters: [Parameter]
  private let seed: UInt64
  private let pool: WorkerPool
  /// All that leads to the loss.
  private let values: ValueTable<Tensor>
  /// By the number of the parameter.
  private let gradients: [[Double]]
  /// The norm of each gradient, or a thousandth of that of all where it is almost zero beside them.
  private let norms: [Double]
  /// What rounding does here, once that is asked for: most points need it not.
  private var knownNoise: RoundingNoise?

  init(
    _ loss: ReferenceLoss, at weights: ReferenceLoss.Weights, of learner: Learner, seed: UInt64,
    on pool: WorkerPool
  ) throws(Failure) {
    self.loss = loss
    self.weights = weights
    self.seed = seed
    self.pool = pool
    parameters = learner.parameters.trained
    values = try loss.values(at: weights)
    let outputs = try loss.gradient(at: weights)
    let gradients = parameters.map { outputs["gradient/\($0.name)"] ?? [] }
    self.gradients = gradients
    let floor = gradients.joined().norm / 1000
    norms = gradients.map { Swift.max($0.norm, floor) }
  }

  private mutating func noise() throws(Failure) -> RoundingNoise {
    if let knownNoise { return knownNoise }
    let noise = try RoundingNoise(
      loss, of: parameters.map(\.name), at: weights, seed: seed, on: pool)
    knownNoise = noise
    return noise
  }

  /// Whether an engine may be on another side of a kink than the exact gradients; known where one
  /// erred.
  var choicesMayDiffer: Bool { knownNoise?.changesChoices ?? false }

  // MARK: The engine

  /// The norm of the error of each parameter's gradient in a vector of all.
  func errors(of vector: [Double]) -> [Double] {
    var offset = 0
    return gradients.map { gradient in
      defer { offset += gradient.count }
      return gradient.indices.lazy.map { vector[offset + $0] - gradient[$0] }.norm
    }
  }

  /// What an error of a parameter's gradient comes to.
  mutating func comparison(
    ofEngine error: Double, _ number: Int
  ) throws(Failure) -> GradientCheck.EngineComparison {
    let relative = error == 0 ? 0 : error / norms[number]
    guard !(relative <= GradientCheck.engineBound) else {
      return GradientCheck.EngineComparison(error: relative, verdict: .right)
    }
    let verdict: GradientCheck.Verdict
    let rounding = try noise().gradients[number]
    if !norms[number].isFinite || !(error <= rounding || rounding == .infinity) {
      verdict = .wrong
    } else {
      verdict = rounding <= GradientCheck.precision * norms[number] ? .right : .undecidable
    }
    return GradientCheck.EngineComparison(error: relative, verdict: verdict)
  }

  // MARK: Differences

  /// What probes of some parameters find.
  mutating func differences(
    by numbers: [Int], everyElement: Bool
  ) throws(Failure) -> [GradientCheck.Differences] {
    let probes = numbers.flatMap { number in
      GradientProbe.all(
        of: number, count: parameters[number].count, everyElement: everyElement)
    }
    let point = self
    var findings = try pool.map(probes.count) { (place) throws(Failure) in
      try point.finding(of: probes[place])
    }
    let doubtful = findings.indices.filter { findings[$0].map { !$0.isRight } ?? false }
    if !doubtful.isEmpty {
      let noise = try noise()
      let closer = try pool.map(doubtful.count) { (place) throws(Failure) in
        try point.finding(of: probes[doubtful[place]], rounding: noise)
      }
      for (place, finding) in zip(doubtful, closer) { findings[place] = finding }
    }
    return numbers.map { number in
      let own = probes.indices.filter { probes[$0].parameter == number }.map { findings[$0] }
      let decided = own.count { $0?.isDecided ?? false }
      return GradientCheck.Differences(
        probes: decided, skipped: own.count - decided,
        error: own.lazy.compactMap { $0?.error }.greatest)
    }
  }

  /// A derivative beside a difference.
  private struct Finding {
    /// Relative to the greater of both; of what is uncertain, no more than the bound.
    let error: Double
    /// Whether what is uncertain would hide no error that matters.
    let isDecided: Bool

    var isRight: Bool { isDecided && error <= GradientCheck.differenceBound }
  }

  /// What a probe finds, nil where it found no smooth place; at first from a single difference, and
  /// with what rounding does here from many.
  private func finding(
    of probe: GradientProbe, rounding noise: RoundingNoise? = nil
  ) throws(Failure) -> Finding? {
    let (number, name) = (probe.parameter, parameters[probe.parameter].name)
    guard let tensor = weights[name] else { return nil }
    let gradient = gradients[number]
    for draw in 0..<probe.draws {
      let line = probe.line(draw: draw, count: gradient.count, seed: seed)
      let along = LossLine(
        loss: loss, parameter: name, tensor: tensor, values: values, line: line)
      let width = GradientCheck.step * max(1, abs(line.coordinate(of: tensor.elements)))
      // Where the way to both sides meets a choice, a shorter one may not.
      for step in [width, width / 8, width / 64] {
        let found =
          if let noise {
            try along.derivative(around: step, rounding: noise.inDouble(noise.loss))
          } else {
            try along.derivative(step: step)
          }
        guard let found, found.value.isFinite else { continue }
        let derivative = line.coordinate(of: gradient)
        let uncertainty =
          found.uncertainty + (noise.map { $0.inDouble($0.gradients[number]) } ?? 0)
        let size = max(abs(found.value), abs(derivative))
        let typical = norms[number] / Double(gradient.count).squareRoot()
        return Finding(
          error: abs(found.value - derivative)
            / max(size, uncertainty / GradientCheck.differenceBound),
          isDecided: uncertainty <= GradientCheck.precision * max(size, typical))
      }
    }
    return nil
  }
}

/// What comparisons of a parameter's gradient have found so far.
struct GradientRecord {
  private(set) var differences = GradientCheck.Differences(probes: 0, skipped: 0, error: 0)
  private(set) var engine = GradientCheck.EngineComparison(error: 0, verdict: .undecidable)
  private(set) var engineIsSettled = false
  private var engineWasCompared = false

  var differencesAreSettled: Bool { differences.verdict != .undecidable }
  var isSettled: Bool { differencesAreSettled && engineIsSettled }

  mutating func note(_ differences: GradientCheck.Differences) { self.differences = differences }

  /// Notes a comparison with the engine, which may have made other choices.
  ///
  /// A right engine then has another gradient than the exact one, but not at every point.
  mutating func note(_ comparison: GradientCheck.EngineComparison, choicesMayDiffer: Bool) {
    engineIsSettled =
      comparison.verdict == .right || (comparison.verdict == .wrong && !choicesMayDiffer)
    if engineIsSettled || !engineWasCompared || comparison.verdict < engine.verdict {
      engine = comparison
    }
    engineWasCompared = true
  }
}
