import Configuration
import Datasets
import Execution
import Graphs
import Kernels
import Networks
import TestSupport
import Testing
import Training

/// A decoder that goes step by step, against the whole network with the translation as its input.
@Suite struct TranslatorTests {
  private func experiment(_ cell: String, _ engine: Engine) throws -> Experiment {
    try Experiment(
      RunConfiguration(
        text: """
          name: t
          engine: \(engine.rawValue)
          data: {dataset: dates, batch: 4, train_samples: 8, test_samples: 8}
          model:
            - embedding: {name: letters, size: 5}
            - gru: {name: encoder, units: 4, direction: both, lengths: lengths}
            - embedding: {name: written, input: previous, size: 3}
            - \(cell): {units: 6, input: [written, encoder], attention: 5, memory_lengths: lengths}
            - dense: 13
          loss: cross_entropy
          optimizer: {adam: 0.001}
          """, source: "t.yaml"))
  }

  /// The logarithms of probabilities of greedy translations are those that a pass over the
  /// translations gives, and every token is its most probable one.
  @Test(arguments: Engine.allCases, ["rnn", "lstm", "gru"])
  func stepsAreTheWhole(_ engine: Engine, _ cell: String) throws {
    let experiment = try experiment(cell, engine)
    let (network, data) = (experiment.network, experiment.data.test)
    let state = try ModelState(experiment)
    let field = try #require(data.coding.previous)
    let runner = try unsafe StepRunner(
      network, experiment.configuration, data.coding, sequences: 8, decoding: field
    ) {
      unsafe _ = $0.update(
        fromContentsOf: UnsafeBufferPointer(start: state.weights, count: state.count))
    }
    let pairs = try data.pairs(of: Array(0..<8)[...])
    var samples = [Int32](repeating: 0, count: 8 * 30)
    for (row, pair) in pairs.enumerated() {
      for (step, token) in pair.text.enumerated() { samples[30 * row + step] = token }
    }
    let lengths = pairs.map { Int32($0.text.count) }
    func write(_ numbers: [Int32], to place: UnsafeMutableRawPointer?) {
      unsafe place?.assumingMemoryBound(to: Int32.self).update(from: numbers, count: numbers.count)
    }
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      parameters[parameter.name] = Tensor(
        parameter.shape, state.tensors[parameter.name]?.elements ?? [])
    }
    // Twice: nothing of the texts before is left.
    for turn in 0..<2 {
      let order = turn == 0 ? Array(0..<8) : [7, 6, 5, 4, 3, 2, 1, 0]
      unsafe runner.begin { input in
        unsafe write(order.flatMap { samples[30 * $0..<30 * $0 + 30] }, to: input("samples"))
        unsafe write(order.map { lengths[$0] }, to: input("lengths"))
      }
      var tokens = [Int32](repeating: 12, count: 8)
      var written = [[Int32]](repeating: [], count: 8)
      var found: [[Float]] = []
      for _ in 0..<11 {
        for row in 0..<8 { written[row].append(tokens[row]) }
        let scores = unsafe Array(runner.step(tokens))
        found.append(scores)
        for row in 0..<8 {
          let own = scores[13 * row..<13 * row + 13]
          tokens[row] = Int32((own.firstIndex(of: own.max() ?? 0) ?? 0) - 13 * row)
        }
      }
      let whole = try #require(
        ReferenceEvaluator(
          network.forwardProgram(samples: 8, input: experiment.compiled.input)
        ).evaluate(
          inputs: [
            "samples": Tensor(
              [8, 30], order.flatMap { samples[30 * $0..<30 * $0 + 30] }.map(Double.init)),
            "lengths": Tensor([8, 1], order.map { Double(lengths[$0]) }),
            "previous": Tensor([8, 11], written.flatMap(\.self).map(Double.init)),
          ], parameters: parameters)["outputs"]
      ).elements
      for row in 0..<8 {
        for step in 0..<11 {
          for place in 0..<13 {
            #expect(
              isClose(
                Double(found[step][13 * row + place]), whole[(11 * row + step) * 13 + place],
                relative: 2e-5, absolute: 2e-5))
          }
        }
      }
    }
  }
}
