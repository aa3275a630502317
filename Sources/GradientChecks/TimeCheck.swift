package import Diagnostics
internal import Execution
internal import Graphs
package import Reports
package import Training

/// The gradient that reaches each step of the recurrent layers of an experiment: its norm, and its
/// comparison with differences of the loss.
package struct TimeCheck: Sendable {
  package let states: [State]
  /// The samples of the loss.
  package let samples: Int

  /// The state of a loop.
  package struct State: Sendable {
    package let name: String
    /// The norm of the gradient by the state after each step, in the order of the sequence.
    package let norms: [Double]
    let isReversed: Bool
    package let differences: GradientCheck.Differences

    /// The mean factor from the state after a step to the one before it.
    package var factor: Double? {
      guard norms.count > 1 else { return nil }
      let ends =
        isReversed ? (norms[norms.count - 1], norms[0]) : (norms[0], norms[norms.count - 1])
      guard ends.0 > 0, ends.1 > 0 else { return nil }
      return Unary.exp.apply(Unary.log.apply(ends.0 / ends.1) / Double(norms.count - 1))
    }
  }

  /// The worst of all states.
  package var verdict: GradientCheck.Verdict {
    states.map(\.differences.verdict).max() ?? .right
  }

  /// Computes the gradient at the first weights, in Double, by zeros that are added to the states;
  /// loops run no more than `steps`.
  package init(
    _ experiment: Experiment, everyElement: Bool = false, steps: Int? = nil, workers: Int
  ) throws(Failure) {
    try GradientChecker.requireLoops(experiment, for: "--through-time")
    let samples = try GradientChecker.samples(of: experiment)
    let position = RandomPosition(seed: experiment.configuration.seed, step: 0, firstSample: 0)
    let weights = try GradientChecker.weights(of: ModelState(experiment), experiment)
    let pool = try WorkerPool(count: workers)
    defer { pool.stop() }
    var states: [State] = []
    for group in experiment.parameterGroups {
      let program = try group.program(
        samples.count, loops: LoopForm(stepLimit: steps, hasProbes: true))
      let probes = program.provenance.probes
      let shapes = probes.map { program.type(of: $0.value).shape }
      let loss = try ReferenceLoss(
        program, inputs: experiment.inputs(samples, random: position),
        scale: BatchScale(samples, of: experiment), random: position)
      let zeros = zip(probes, shapes).map { ($0.name, Tensor($1, repeating: 0)) }
      var point = try GradientPoint(
        loss, at: weights.merging(zeros) { $1 },
        of: zip(probes, shapes).map { ($0.name, $1.count) },
        seed: experiment.configuration.seed, on: pool)
      let differences = try point.differences(
        by: Array(probes.indices), everyElement: everyElement)
      for (number, probe) in probes.enumerated() {
        states.append(
          State(
            name: probe.name,
            norms: norms(point.gradients[number], shapes[number], axis: probe.axis),
            isReversed: probe.isReversed, differences: differences[number]))
      }
    }
    self.states = states
    self.samples = samples.count
  }
}

/// The norm at each place of an axis.
private func norms(_ elements: [Double], _ shape: Shape, axis: Int) -> [Double] {
  let inner = shape.extents[(axis + 1)...].reduce(1, *)
  var squares = [Double](repeating: 0, count: shape[axis])
  for (place, element) in elements.enumerated() {
    squares[place / inner % shape[axis]] += element * element
  }
  return squares.map { $0.squareRoot() }
}

// MARK: Reports

extension TimeCheck {
  private static let shownSteps = 32

  /// A row for each step, the first and last and some between where there are many.
  package var steps: Table {
    var table = Table([.right("step")] + states.map { .right($0.name) })
    let count = states.map(\.norms.count).max() ?? 0
    let stride = max(1, (count + Self.shownSteps - 1) / Self.shownSteps)
    for step in (0..<count).reversed() where step % stride == 0 || step == count - 1 {
      table.add(
        [(step + 1).grouped]
          + states.map { step < $0.norms.count ? $0.norms[step].formatted(digits: 3) : "" })
    }
    return table
  }

  package var table: Table {
    var table = Table(
      [.left("state"), .right("factor a step")] + GradientCheck.Differences.columns
        + [.left("verdict")])
    for state in states {
      table.add(
        [state.name, state.factor?.formatted(digits: 3) ?? ""] + state.differences.cells
          + [state.differences.verdict.word])
    }
    return table
  }

  package var json: JSONValue {
    let states = states.map { state -> JSONValue in
      .object(
        [
          ("name", .string(state.name)), ("norms", .array(state.norms.map { .number($0) })),
          ("factor", state.factor.map { .number($0) } ?? .null),
        ] + state.differences.fields
          + [("verdict", .string(state.differences.verdict.rawValue))])
    }
    return GradientCheck.json(verdict, samples, ("states", .array(states)))
  }
}
