import Diagnostics
import Explanations
import Foundation
import Graphs
import Networks
import TestSupport
import Testing
import Training

/// Recurrent layers, explained step by step.
@Suite struct RecurrentExplanationTests {
  /// The numbers of the entries of an explanation by their symbol.
  private func numbers(_ explanation: Explanation) -> [String: [Double]] {
    var numbers: [String: [Double]] = [:]
    for entry in explanation.sections.flatMap(\.entries) {
      guard case .elements(let elements) = entry.content else { continue }
      numbers[entry.symbol.text()] = elements.map { element in
        if case .number(let number)? = element.equals.last { number } else { .nan }
      }
    }
    return numbers
  }

  /// Every gate and its derivative, the weights and the derivatives from state to state, as PyTorch
  /// computes them in float64.
  @Test(arguments: ["rnn-tiny", "lstm-tiny"])
  func everyDerivativeIsThatOfPyTorch(_ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../References/explained.json").standardized
    let golden = try #require(
      JSONDecoder().decode([String: [String: [Double]]].self, from: Data(contentsOf: file))[name])
    #expect(golden.count == (name == "rnn-tiny" ? 15 : 86))
    let explanation = try exampleExperiment(name).explanation(ofSample: 0)
    let told = numbers(explanation)
    var inherited = 0
    for (symbol, expected) in golden {
      // A derivative that only has another name is told without numbers.
      guard let found = told[symbol] else {
        let text = explanation.text
        #expect(text.contains { $0.hasPrefix("  \(symbol) = ∂L/∂") }, "\(symbol)")
        inherited += 1
        continue
      }
      #expect(found.count == expected.count, "\(symbol)")
      for (found, expected) in zip(found, expected) {
        #expect(isClose(found, expected, relative: 1e-11, absolute: 1e-15), "\(symbol)")
      }
    }
    #expect(inherited <= 4)
  }

  /// What is explained step by step is what the loops of training compute.
  @Test(arguments: [
    "rnn: {units: 2, activation: relu}", "rnn: {units: 2, direction: backward, output: last}",
    "lstm: {units: 2, peepholes: true}", "lstm: {units: 2, layers: 2, direction: both}",
    "lstm: {units: 2, variant: fgr}", "gru: {units: 2, initial_state: learned}",
    "gru: {units: 2, reset: before}", "mgu: {units: 3, variant: 2}",
    "attention: {heads: 2, causal: true}", "attention: {heads: 2, kv_heads: 1}",
    "attention: {heads: 1, rotary: true}", "mamba: {state: 2, conv: 2}",
    "mamba: {state: 1, expand: 1, conv: 3, dt_rank: 2}",
  ])
  func theGradientIsThatOfTheRun(_ layer: String) throws {
    let text = """
      name: one
      data: {dataset: table, samples: [[0.3, -1.2, 0.7, 0.5, 0.1, -0.4]], targets: [[0.2, 0.8]], \
      batch: 1}
      model: [{reshape: [3, 2]}, {\(layer)}, flatten, {dense: 2}]
      loss: mse
      optimizer: sgd
      """
    let experiment = try Experiment(RunConfiguration(text: text, source: "one.yaml"))
    let told = numbers(try experiment.explanation(ofSample: 0))
    let elements = try ModelState(experiment).tensors
    let weights = elements.reduce(into: [String: Tensor]()) { weights, entry in
      let shape = experiment.network.parameters.first { $0.name == entry.key }?.shape
      weights[entry.key] = Tensor(shape ?? [], entry.value.elements)
    }
    let outputs = try ReferenceEvaluator(experiment.parameterGroups[0].program(1)).evaluate(
      inputs: [
        "samples": Tensor([1, 6], [0.3, -1.2, 0.7, 0.5, 0.1, -0.4]),
        "targets": Tensor([1, 2], [0.2, 0.8]), "scale": Tensor([1], [1]),
      ], parameters: weights)
    for parameter in experiment.network.parameters {
      let expected = try #require(outputs["gradient/\(parameter.name)"])
      guard let found = told["∂L/∂\(parameter.name)"] else { continue }
      for (found, expected) in zip(found, expected.elements) {
        #expect(isClose(found, expected, relative: 1e-6, absolute: 1e-8), "\(parameter.name)")
      }
    }
    #expect(told.keys.count { $0.hasPrefix("∂L/∂") } > 12)
  }

  /// The rows and columns of the matrices are those of the head, too.
  @Test func oneHeadOfAttention() throws {
    let text = """
      name: heads
      data: {dataset: table, samples: [[0.3, -1.2, 0.7, 0.5]], targets: [[0.2, 0.8, 0.1, 0.4]], batch: 1}
      model: [{reshape: [2, 2]}, {attention: {heads: 2, kv_heads: 1, causal: true}}, flatten]
      loss: mse
      optimizer: sgd
      """
    let experiment = try Experiment(RunConfiguration(text: text, source: "heads.yaml"))
    let whole = numbers(try experiment.explanation(ofSample: 0))
    let head = try experiment.explanation(ofSample: 0, head: "attention1.2")
    let told = numbers(head)
    #expect(head.sections.flatMap(\.entries).allSatisfy { $0.tensor.hasPrefix("attention1") })
    for name in ["scores₂", "masked₂", "weights₂", "means₂", "q₂"] {
      for symbol in ["attention1.\(name)", "∂L/∂attention1.\(name)"] {
        #expect(told[symbol] != nil || whole[symbol] == nil, "\(symbol)")
      }
      #expect(told["attention1.\(name)"] != nil, "\(name)")
    }
    #expect(told["attention1.weights₁"] == nil)
    for (name, places) in [
      ("query", [2, 3]), ("key", [0, 1]), ("value", [0, 1]), ("output", [1, 3]),
    ] {
      for symbol in ["attention1/\(name)/weight", "∂L/∂attention1/\(name)/weight"] {
        let all = try #require(whole[symbol], "\(symbol)")
        #expect(told[symbol] == places.map { all[$0] }, "\(symbol)")
      }
    }
    let failure = #expect(throws: Failure.self) {
      try experiment.explanation(ofSample: 0, head: "attention1.3")
    }
    #expect(failure?.code == .usage)
    #expect(failure?.message.hasPrefix("option '--head': there is no head 'attention1.3'") == true)
  }

  private func documentation(_ name: String, holds text: some Sequence<String>) throws -> Bool {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../docs/\(name).md").standardized
    let page = try String(contentsOf: file, encoding: .utf8)
    return page.contains(text.map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n"))
  }

  @Test func theElmanNetInTheDocumentation() throws {
    let text = try exampleExperiment("rnn-tiny").explanation(ofSample: 0).text
    #expect(try documentation("explain", holds: text))
  }

  @Test func theSecondStepOfMambaInTheDocumentation() throws {
    let sections = try exampleExperiment("mamba-tiny").explanation(ofSample: 0).sections
    for title in [
      "mamba1, step 2", "back through mamba1, step 2", "from each state to the next",
      "the gradient that reaches each step",
    ] {
      let section = sections.filter { $0.title == title }
      #expect(section.count == 1)
      #expect(
        try documentation("mamba", holds: Explanation("", section).text.dropFirst()), "\(title)")
    }
  }
}
