internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Training

/// The weights at which gradients are compared, and the exact gradients there.
struct GradientPoint {
  private let loss: ReferenceLoss
  private let weights: ReferenceLoss.Weights
  private let parameters: [(name: String, count: Int)]
  private let seed: UInt64
  private let pool: WorkerPool
  /// All values of the loss's program.
  private let values: ValueTable<Tensor>
  /// The exact gradient of each parameter.
  let gradients: [[Double]]
  /// The norm of each gradient, at least a thousandth of the norm of all together.
  private let norms: [Double]
  /// Computed on demand: most points do not need it.
  private var knownNoise: RoundingNoise?

  init(
    _ loss: ReferenceLoss, at weights: ReferenceLoss.Weights,
    of parameters: [(name: String, count: Int)], seed: UInt64, on pool: WorkerPool
  ) throws(Failure) {
    self.loss = loss
    self.weights = weights
    self.seed = seed
    self.pool = pool
    self.parameters = parameters
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

  /// Whether the engine may be beyond a kink; false until an error is examined.
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

  /// The comparison of a parameter whose engine gradient has this error.
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

  /// The comparisons of some parameters with differences of the loss.
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

  /// The comparison of a derivative with a difference.
  private struct Finding {
    /// Relative to the greater of both.
    ///
    /// The uncertainty contributes at most the bound.
    let error: Double
    /// Whether the uncertainty is small enough to decide.
    let isDecided: Bool

    var isRight: Bool { isDecided && error <= GradientCheck.differenceBound }
  }

  /// The finding of a probe; nil if the loss is not smooth.
  ///
  /// With `noise` it uses several step sizes.
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
      // A shorter step may avoid a kink.
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

/// The comparisons of a parameter's gradient so far.
struct GradientRecord {
  private(set) var differences = GradientCheck.Differences(probes: 0, skipped: 0, error: 0)
  private(set) var engine = GradientCheck.EngineComparison(error: 0, verdict: .undecidable)
  private(set) var engineIsSettled = false
  private var engineWasCompared = false

  var differencesAreSettled: Bool { differences.verdict != .undecidable }
  var isSettled: Bool { differencesAreSettled && engineIsSettled }

  mutating func record(_ differences: GradientCheck.Differences) { self.differences = differences }

  /// Records a comparison with the engine.
  ///
  /// If comparisons may have another outcome there, a right engine can have a wrong gradient at
  /// this point, but not at all points.
  mutating func record(_ comparison: GradientCheck.EngineComparison, choicesMayDiffer: Bool) {
    engineIsSettled =
      comparison.verdict == .right || (comparison.verdict == .wrong && !choicesMayDiffer)
    if engineIsSettled || !engineWasCompared || comparison.verdict < engine.verdict {
      engine = comparison
    }
    engineWasCompared = true
  }
}
