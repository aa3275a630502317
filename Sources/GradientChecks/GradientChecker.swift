internal import Datasets
package import Diagnostics
internal import Execution
package import Graphs
internal import Networks
internal import Randomness
package import Training

/// Checks the gradients of a network on the first samples of its training set.
package struct GradientChecker {
  private let experiment: Experiment
  private let group: ParameterGroup
  private let samples: ArraySlice<Int32>
  private let compiled: Program
  private let position: RandomPosition
  private let loss: ReferenceLoss

  /// Checks each network of an experiment; loops run no more than `steps`.
  package static func check(
    _ experiment: Experiment, everyElement: Bool = false, steps: Int? = nil, workers: Int
  ) throws(Failure) -> GradientCheck {
    var rows: [GradientCheck.Row] = []
    if steps != nil { try requireLoops(experiment, for: "--steps") }
    for group in experiment.parameterGroups {
      let program = try program(of: experiment, group, steps: steps)
      rows += try GradientChecker(experiment, group, exact: program, compiled: program)
        .check(everyElement: everyElement, workers: workers).rows
    }
    return GradientCheck(rows: rows, samples: try samples(of: experiment).count)
  }

  /// Checks two programs: `exact` against differences of its loss, and `compiled`, which the engine
  /// runs, against `exact`.
  package init(
    _ experiment: Experiment, _ group: ParameterGroup, exact: Program, compiled: Program
  ) throws(Failure) {
    self.experiment = experiment
    self.group = group
    self.compiled = compiled
    samples = try GradientChecker.samples(of: experiment)
    position = RandomPosition(seed: experiment.configuration.seed, step: 0, firstSample: 0)
    loss = try ReferenceLoss(
      exact, inputs: experiment.inputs(samples, random: position),
      scale: BatchScale(samples, of: experiment), random: position)
  }

  /// The training program for the samples of the check.
  package static func program(
    of experiment: Experiment, _ group: ParameterGroup, steps: Int? = nil
  ) throws(Failure) -> Program {
    try group.program(
      samples(of: experiment).count, loops: LoopForm(stepLimit: steps))
  }

  static func requireLoops(_ experiment: Experiment, for option: String) throws(Failure) {
    // A selective scan is a loop where it has probes.
    let probed = LoopForm(hasProbes: true)
    for group in experiment.parameterGroups where try group.program(1, loops: probed).hasLoop {
      return
    }
    throw Failure(.usage, "option '\(option)': the network has no recurrent layer: leave it out")
  }

  /// Two samples, or more for batch statistics: normalised over two numbers, almost any input
  /// becomes +1 and -1, and the gradient almost vanishes.
  static func samples(of experiment: Experiment) throws(Failure) -> ArraySlice<Int32> {
    var count = 2
    for group in experiment.parameterGroups {
      let numbers = try group.program(2).leastNumbersOfStatistics ?? numbersOfStatistics
      count = max(count, (2 * numbersOfStatistics + numbers - 1) / numbers)
    }
    return Array(0..<Int32(min(count, experiment.data.training.count)))[...]
  }

  private static let numbersOfStatistics = 16

  /// Compares the gradient of each parameter, by random elements or by `everyElement`.
  ///
  /// A gradient that is not right at the first point is compared at other points: a wrong one is
  /// wrong there too.
  package func check(everyElement: Bool = false, workers: Int) throws(Failure) -> GradientCheck {
    let pool = try WorkerPool(count: workers)
    defer { pool.stop() }
    let state = try ModelState(experiment)
    let chosen = experiment.configuration.engine
    // The reference engine computes the exact gradients, so another one is compared with it.
    let engine = try EngineGradient(
      compiled, by: chosen == .reference ? .standard : chosen, of: experiment, group, state,
      on: samples, random: position)
    var records = group.parameters.trained.map { _ in GradientRecord() }
    for attempt in 0..<Self.points {
      let open = records.indices.filter { !records[$0].isSettled }
      guard !open.isEmpty else { break }
      initialise(state, attempt: attempt)
      var point = try GradientPoint(
        loss, at: Self.weights(of: state, experiment),
        of: group.parameters.trained.map { ($0.name, $0.count) },
        seed: experiment.configuration.seed, on: pool)
      let engineErrors = point.errors(of: engine.compute())
      for number in open where !records[number].engineIsSettled {
        let comparison = try point.comparison(ofEngine: engineErrors[number], number)
        records[number].record(comparison, choicesMayDiffer: point.choicesMayDiffer)
      }
      let probed = open.filter { !records[$0].differencesAreSettled }
      let differences = try point.differences(by: probed, everyElement: everyElement)
      for (number, differences) in zip(probed, differences) { records[number].record(differences) }
    }
    let rows = zip(group.parameters.trained, records).map { parameter, record in
      GradientCheck.Row(
        parameter: parameter.name, elements: parameter.count, differences: record.differences,
        engine: record.engine)
    }
    return GradientCheck(rows: rows, samples: samples.count)
  }

  private static let points = 4

  /// Initialises the weights with another seed for each attempt.
  ///
  /// Parameters that begin as zeros get small random numbers, because relu has its kink at zero.
  private func initialise(_ state: ModelState, attempt: Int) {
    let seed = experiment.configuration.seed &+ UInt64(attempt)
    let all = zip(experiment.parameterGroups.flatMap(\.parameters), state.parameters)
    unsafe state.changeWeights { weights in
      for (parameter, place) in all where parameter.role == .trained {
        let elements = unsafe UnsafeMutableBufferPointer(rebasing: weights[place.range])
        unsafe parameter.initialise(elements, seed: seed)
        guard parameter.distribution == .zeros else { continue }
        let stream = RandomStream(
          seed: seed, purpose: .probe, unit: UInt16(truncatingIfNeeded: parameter.number), minor: 1)
        for i in elements.indices { unsafe elements[i] = 0.1 * (stream.uniform(at: i) - 0.5) }
      }
    }
  }

  static func weights(
    of state: ModelState, _ experiment: Experiment
  ) -> ReferenceLoss.Weights {
    var weights: ReferenceLoss.Weights = [:]
    for (parameter, place) in zip(
      experiment.parameterGroups.flatMap(\.parameters), state.parameters)
    {
      weights[parameter.name] = Tensor(
        parameter.shape, place.range.map { unsafe Double(state.weights[$0]) })
    }
    return weights
  }
}

extension Program {
  /// The fewest numbers of a mean or variance over the batch; nil if there is none.
  fileprivate var leastNumbersOfStatistics: Int? {
    instructions.compactMap { instruction in
      switch instruction.operation {
      case .composite(.batchNorm):
        let shape = type(of: instruction.operands[0]).shape
        return shape.count / shape[shape.rank - 1]
      default:
        return nil
      }
    }.min()
  }
}
