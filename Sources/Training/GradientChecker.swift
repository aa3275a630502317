package import Diagnostics
internal import Datasets
internal import Execution
package import Graphs
internal import Networks
internal import Randomness

/// Checks the gradients of a network on the first samples of its training set.
package struct GradientChecker {
  private let experiment: Experiment
  private let learner: Learner
  private let samples: ArraySlice<Int32>
  private let compiled: Program
  private let position: RandomPosition
  private let loss: ReferenceLoss

  /// A check of each network that is trained.
  package static func check(
    _ experiment: Experiment, everyElement: Bool = false, workers: Int
  ) throws(Failure) -> GradientCheck {
    var rows: [GradientCheck.Row] = []
    for learner in experiment.learners {
      let program = try program(of: experiment, learner)
      rows += try GradientChecker(experiment, learner, exact: program, compiled: program)
        .check(everyElement: everyElement, workers: workers).rows
    }
    return GradientCheck(rows: rows, samples: samples(of: experiment).count)
  }

  /// A check of two programs: one that is compared with differences of its losses, and one that the
  /// engine runs and that is compared with the first.
  package init(
    _ experiment: Experiment, _ learner: Learner, exact: Program, compiled: Program
  ) throws(Failure) {
    self.experiment = experiment
    self.learner = learner
    self.compiled = compiled
    samples = GradientChecker.samples(of: experiment)
    position = RandomPosition(seed: experiment.configuration.seed, step: 0, firstSample: 0)
    loss = try ReferenceLoss(
      exact, inputs: experiment.inputs(samples, random: position),
      scale: 1 / Double(samples.count), random: position)
  }

  /// The training program for the samples that are checked.
  package static func program(
    of experiment: Experiment, _ learner: Learner
  ) throws(Failure) -> Program {
    try learner.program(samples(of: experiment).count)
  }

  private static func samples(of experiment: Experiment) -> ArraySlice<Int32> {
    Array(0..<Int32(min(2, experiment.data.training.count)))[...]
  }

  /// Compares the gradient of each parameter; `everyElement` leaves none of its elements out.
  package func check(everyElement: Bool = false, workers: Int) throws(Failure) -> GradientCheck {
    let pool = try WorkerPool(count: workers)
    defer { pool.stop() }
    let point = try findPoint()
    let probes = learner.parameters.trained.enumerated().flatMap { index, parameter in
      GradientProbe.all(of: index, count: parameter.count, everyElement: everyElement)
    }
    let errors = try differenceErrors(of: probes, at: point, on: pool)
    var rows: [GradientCheck.Row] = []
    for (index, parameter) in learner.parameters.trained.enumerated() {
      let own = probes.indices.filter { probes[$0].parameter == index }.map { errors[$0] }
      let found = own.compactMap { $0 }
      rows.append(
        GradientCheck.Row(
          parameter: parameter.name, elements: parameter.count, probes: found.count,
          skipped: own.count - found.count, differenceError: found.greatest,
          engineError: point.engineErrors[index]))
    }
    return GradientCheck(rows: rows, samples: samples.count)
  }

  // MARK: The point

  /// Weights, and the gradients there.
  private struct Point {
    let weights: ReferenceLoss.Weights
    /// All that leads to the loss.
    let values: [Tensor]
    /// By the number of the parameter.
    let gradients: [[Double]]
    let engineErrors: [Double]
  }

  /// The first of a few points at which the engine agrees or has no excuse.
  ///
  /// Where a choice is so close that rounding to float32 makes it, a right engine has another
  /// gradient than the exact one. A wrong engine is wrong at all points.
  private func findPoint() throws(Failure) -> Point {
    let state = try ModelState(experiment)
    let chosen = experiment.configuration.engine
    // The reference engine is what the other one is compared with.
    let engine = try EngineGradient(
      compiled, by: chosen == .reference ? .standard : chosen, of: experiment, learner, state,
      on: samples, random: position)
    var attempt = 0
    while true {
      initialise(state, attempt: attempt)
      let weights = weights(of: state)
      let outputs = try loss.gradient(at: weights)
      let gradients = learner.parameters.trained.map {
        outputs["gradient/\($0.name)"] ?? []
      }
      let engineErrors = errors(of: engine.compute(), against: gradients)
      attempt += 1
      let point = Point(
        weights: weights, values: try loss.values(at: weights), gradients: gradients,
        engineErrors: engineErrors)
      guard attempt < 4, engineErrors.contains(where: { !($0 <= GradientCheck.engineBound) }),
        try isCloseToChoice(weights)
      else { return point }
    }
  }

  /// The weights that a run begins with, from a seed of its own for each attempt.
  ///
  /// Parameters that begin as zeros get small numbers: at zero relu has its kink.
  private func initialise(_ state: ModelState, attempt: Int) {
    let seed = experiment.configuration.seed &+ UInt64(attempt)
    let all = zip(experiment.learners.flatMap(\.parameters), state.parameters)
    for (parameter, place) in all where parameter.role == .trained {
      let elements = unsafe UnsafeMutableBufferPointer(
        start: state.weights + place.range.lowerBound, count: place.range.count)
      unsafe parameter.initialise(elements, seed: seed)
      guard parameter.distribution == .zeros else { continue }
      let stream = RandomStream(
        seed: seed, purpose: .probe, unit: UInt16(truncatingIfNeeded: parameter.number), minor: 1)
      for i in elements.indices { unsafe elements[i] = 0.1 * (stream.uniform(at: i) - 0.5) }
    }
  }

  private func weights(of state: ModelState) -> ReferenceLoss.Weights {
    var weights: ReferenceLoss.Weights = [:]
    for (parameter, place) in zip(experiment.learners.flatMap(\.parameters), state.parameters) {
      weights[parameter.name] = Tensor(
        parameter.shape, place.range.map { unsafe Double(state.weights[$0]) })
    }
    return weights
  }

  /// The norm of the error of each parameter's gradient, relative to its own norm, or to a
  /// thousandth of all gradients' where it is almost zero beside them.
  private func errors(of vector: [Double], against gradients: [[Double]]) -> [Double] {
    let floor = gradients.joined().norm / 1000
    var offset = 0
    return gradients.map { gradient in
      defer { offset += gradient.count }
      let error = gradient.indices.lazy.map { vector[offset + $0] - gradient[$0] }.norm
      return error == 0 ? 0 : error / Swift.max(gradient.norm, floor)
    }
  }

  /// Whether weights changed by a few units in their last places lead to other choices.
  private func isCloseToChoice(_ weights: ReferenceLoss.Weights) throws(Failure) -> Bool {
    var (low, high) = (weights, weights)
    for parameter in learner.parameters.trained {
      let stream = RandomStream(
        seed: experiment.configuration.seed, purpose: .probe,
        unit: UInt16(truncatingIfNeeded: parameter.number), minor: 2)
      for i in 0..<parameter.count {
        let change = 0x1p-20 * (2 * stream.uniformDouble(at: i) - 1)
        low[parameter.name]?.elements[i] *= 1 - change
        high[parameter.name]?.elements[i] *= 1 + change
      }
    }
    return loss.pair(try loss.values(at: low), try loss.values(at: high)) == nil
  }

  // MARK: Differences

  /// The error of each probe, nil where it found no smooth place.
  private func differenceErrors(
    of probes: [GradientProbe], at point: Point, on pool: WorkerPool
  ) throws(Failure) -> [Double?] {
    var results = [Result<Double?, Failure>](repeating: .success(nil), count: probes.count)
    unsafe results.withUnsafeMutableBufferPointer { buffer in
      let results = unsafe buffer
      pool.run { worker in
        for i in stride(from: worker, to: probes.count, by: pool.count) {
          unsafe results[i] = Result { () throws(Failure) in
            try differenceError(of: probes[i], at: point)
          }
        }
      }
    }
    var errors: [Double?] = []
    for result in results { errors.append(try result.get()) }
    return errors
  }

  private func differenceError(
    of probe: GradientProbe, at point: Point
  ) throws(Failure) -> Double? {
    let name = learner.parameters.trained[probe.parameter].name
    guard let tensor = point.weights[name] else { return nil }
    let gradient = point.gradients[probe.parameter]
    for draw in 0..<probe.draws {
      let line = probe.line(
        draw: draw, count: gradient.count, seed: experiment.configuration.seed)
      // Where the way to both sides meets a choice, a shorter one may not.
      for shortening in [1.0, 8, 64] {
        let coordinate = line.coordinate(of: tensor.elements)
        let step = GradientCheck.step * max(1, abs(coordinate)) / shortening
        let low = try loss.values(point.values, name, line.moved(tensor, by: -step))
        let high = try loss.values(point.values, name, line.moved(tensor, by: step))
        guard let pair = loss.pair(low, high) else { continue }
        let difference = pair.difference / (2 * step)
        let derivative = line.coordinate(of: gradient)
        let resolution = pair.rounding / (2 * step) / GradientCheck.differenceBound
        return abs(difference - derivative) / max(abs(difference), abs(derivative), resolution)
      }
    }
    return nil
  }
}

extension Sequence<Double> {
  fileprivate var norm: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The greatest number, not-a-number if any is.
  fileprivate var greatest: Double { reduce(0) { $0.isNaN || $1 <= $0 ? $0 : $1 } }
}
