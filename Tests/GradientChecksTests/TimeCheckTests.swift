import Diagnostics
import GradientChecks
import Graphs
import Reports
import TestSupport
import Testing
import Training

/// Gradients through the steps of recurrent layers.
@Suite struct TimeCheckTests {
  private func experiment(
    _ layer: String, samples: String = "[[0.3, -1.2, 0.7, 0.5, 0.1, -0.4], [1, 0, 1, 0.5, -1, 2]]",
    shape: String = "[6, 1]"
  ) throws -> Experiment {
    let targets = samples.contains("], [") ? "[[0.2], [0.8]]" : "[[0.2]]"
    return try Experiment(
      RunConfiguration(
        text: """
          name: check
          data: {dataset: table, samples: \(samples), targets: \(targets), batch: 1}
          model: [{reshape: \(shape)}, {\(layer)}, flatten, {dense: 1}]
          loss: mse
          optimizer: sgd
          """, source: "check.yaml"))
  }

  @Test(arguments: [
    "rnn: {units: 3, activation: relu}", "lstm: {units: 2, peepholes: true, layers: 2}",
    "gru: {units: 2, direction: both, output: last}", "mgu: 2",
  ])
  func gradientsReachEveryStep(_ layer: String) throws {
    let experiment = try experiment(layer)
    let check = try TimeCheck(experiment, workers: 2)
    #expect(check.verdict == .right, "\(check.table)")
    #expect(check.samples == 2)
    #expect(check.states.allSatisfy { $0.norms.count == 6 && $0.norms.allSatisfy { $0 > 0 } })
    #expect(check.states.allSatisfy { $0.differences.probes > 10 })
    let states = ["rnn": 1, "lst": 4, "gru": 2, "mgu": 1][layer.prefix(3)]
    #expect(check.states.count == states, "\(check.states.map(\.name))")
    #expect(Set(check.states.map(\.name)).count == check.states.count)
    let whole = try GradientChecker.check(experiment, workers: 2)
    #expect(whole.verdict == .right, "\(whole.table)")
    for state in check.states {
      #expect(check.table.description.contains(state.name))
      #expect(check.json.description.contains("\"name\": \"\(state.name)\""))
    }
    #expect(check.steps.lines.count == 2 + 6)
  }

  /// The norms that `explain` shows of the same network.
  @Test func normsOfASmallNetwork() throws {
    let layer =
      "rnn: {units: 2, output: last, bias: false, weights: {weight_ih: [[0.5], [-0.3]], "
      + "weight_hh: [[0.1, 0.4], [-0.2, 0.3]]}}"
    let text = """
      name: check
      data: {dataset: table, samples: [[1, 0.5]], targets: [[0.3]], batch: 1}
      model: [{reshape: [2, 1]}, {\(layer)}, {dense: {units: 1, weight: [[0.7, -0.6]], bias: [0.1]}}]
      loss: mse
      optimizer: sgd
      """
    let experiment = try Experiment(RunConfiguration(text: text, source: "check.yaml"))
    let state = try #require(try TimeCheck(experiment, workers: 1).states.first)
    #expect(state.name == "rnn1.h")
    for (norm, expected) in zip(state.norms, [0.0477786593, 0.212894286]) {
      #expect(isClose(norm, expected, relative: 1e-6))
    }
    #expect(isClose(try #require(state.factor), 0.0477786593 / 0.212894286, relative: 1e-6))
  }

  /// Weights below 1 make the gradient vanish, weights above 1 explode.
  @Test func vanishingAndExploding() throws {
    func factor(_ weight: Double) throws -> Double {
      let layer =
        "rnn: {units: 1, activation: relu, output: last, bias: false, "
        + "weights: {weight_ih: [[1]], weight_hh: [[\(weight)]]}}"
      let check = try TimeCheck(
        experiment(layer, samples: "[[1, 1, 1, 1, 1, 1]]"), workers: 1)
      return try #require(check.states[0].factor)
    }
    #expect(isClose(try factor(0.5), 0.5, relative: 1e-6))
    #expect(isClose(try factor(2), 2, relative: 1e-6))
  }

  @Test func fewerSteps() throws {
    let experiment = try experiment("lstm: 2")
    let check = try TimeCheck(experiment, steps: 4, workers: 1)
    #expect(check.states.allSatisfy { $0.norms.count == 4 } && check.verdict == .right)
    let group = experiment.parameterGroups[0]
    let program = try GradientChecker.program(of: experiment, group, steps: 4)
    #expect(program.description.contains("scan(4 steps"))
    #expect(!program.description.contains("scan(6 steps"))
    #expect(try GradientChecker.check(experiment, steps: 4, workers: 1).verdict == .right)
    #expect(try GradientChecker.check(experiment, steps: 60, workers: 1).verdict == .right)
  }

  /// The sum of the second step is 0: there relu has no derivative, and no difference is compared
  /// with one.
  @Test func kinksOfStepsAreFound() throws {
    let layer =
      "rnn: {units: 1, activation: relu, output: last, bias: false, "
      + "weights: {weight_ih: [[1]], weight_hh: [[-1]]}}"
    let experiment = try experiment(layer, samples: "[[1, 1]]", shape: "[2, 1]")
    let check = try GradientChecker.check(experiment, workers: 1)
    let row = try #require(check.rows.first { $0.parameter == "rnn1/weight_hh_l0" })
    #expect(row.differences.probes == 0 && row.differences.skipped > 0)
    #expect(check.verdict == .undecidable)
  }

  @Test func stepsBeyondAllMemoryAreRefused() throws {
    let experiment = try Experiment(
      RunConfiguration(
        text: """
          name: check
          data: {dataset: adding, steps: 1000000, train_samples: 2, test_samples: 1, batch: 1}
          model: [{lstm: {units: 200, layers: 20, output: last}}, {dense: 1}]
          loss: mse
          optimizer: sgd
          """, source: "check.yaml"))
    func expectRefusal(_ check: () throws -> Void) {
      let failure = #expect(throws: Failure.self) { try check() }
      #expect(failure?.code == .outOfMemory)
      #expect(failure?.message.hasPrefix("no memory for the values of all steps") == true)
    }
    expectRefusal { _ = try TimeCheck(experiment, workers: 1) }
    expectRefusal { _ = try GradientChecker.check(experiment, workers: 1) }
  }

  @Test func networksWithoutLoopsAreRefused() throws {
    let experiment = try Experiment(
      RunConfiguration(
        text: """
          name: check
          data: {dataset: table, samples: [[1, 2]], targets: [[1]], batch: 1}
          model: [{dense: 1}]
          loss: mse
          optimizer: sgd
          """, source: "check.yaml"))
    func failure(_ option: String) -> Failure {
      Failure(.usage, "option '\(option)': the network has no recurrent layer: leave it out")
    }
    #expect(throws: failure("--through-time")) { _ = try TimeCheck(experiment, workers: 1) }
    #expect(throws: failure("--steps")) {
      _ = try GradientChecker.check(experiment, steps: 2, workers: 1)
    }
  }
}
