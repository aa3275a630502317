import Diagnostics
import Explanations
import Foundation
import Graphs
import Networks
import Optimizers
import TestSupport
import Testing
import Training

/// The experiment of a file in `configs`.
func exampleExperiment(_ name: String, set overrides: [String] = []) throws -> Experiment {
  let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../configs/\(name).yaml").standardized.path()
  return try Experiment(RunConfiguration(file: file, set: overrides))
}

@Suite struct ExplanationTests {
  private func refusal(
    _ experiment: Experiment, sample: Int = 0, tensor: String? = nil
  ) -> Failure? {
    #expect(throws: Failure.self) {
      _ = try experiment.explanation(ofSample: sample, tensor: tensor)
    }
  }

  // MARK: Mazur's example

  /// Numbers that are printed in the example, and that numpy computes for its rule.
  @Test(arguments: [
    "hidden[0] = 0.05 * 0.15 + 0.1 * 0.2 + 0.35 = 0.3775",
    "sigmoid1[0] = 1 / (1 + exp(-0.3775)) = 0.593269992", "= 0.75136507", "= 0.772928465",
    "loss = 0.596742218 * 0.5 = 0.298371109",
    "∂L/∂output[0] = 0.74136507 * 0.75136507 * (1 - 0.75136507) = 0.138498562",
    "∂L/∂output/weight[0, 0] = 0.138498562 * 0.593269992 = 0.0821670406",
    "∂L/∂hidden/weight[0, 0] = 0.00877135469 * 0.05 = 0.000438567734",
    "hidden/weight'[0, 0] = 0.15 - 0.5 * 0.000438567734 = 0.149780716",
    "output/weight'[1, 1] = 0.55 - 0.5 * (-0.0227402422) = 0.561370121",
    "hidden/bias' = hidden/bias   (frozen)",
  ])
  func mazur(_ line: String) throws {
    let text = try exampleExperiment("mazur").explanation(ofSample: 0).text
    #expect(text.contains { $0.hasSuffix(line) || $0.hasPrefix("  " + line) }, "\(line)")
  }

  @Test func mazurAfterTheStep() throws {
    let text = try exampleExperiment("mazur").explanation(ofSample: 0).text
    #expect(text.suffix(2) == ["the loss after the step", "  loss = 0.291027774"])
    #expect(!text.contains { $0.contains("∂L/∂hidden/bias") }, "a frozen bias has no derivative")
  }

  /// The first unit's weights of norm 0.2495 are brought back to 0.2.
  @Test func constraintsArePartOfTheStep() throws {
    let text = try exampleExperiment("mazur", set: ["model.0.dense.constraint.max_norm=0.2"])
      .explanation(ofSample: 0).text
    #expect(
      text.contains { $0.hasPrefix("  hidden/weight'[0, 0]") && $0.hasSuffix("= 0.120056238") })
    #expect(
      text.contains { $0.hasPrefix("  hidden/weight'[0, 1]") && $0.hasSuffix("= 0.159957806") })
  }

  /// The same update again and again, by the ways that a run takes.
  @Test func mazurAfterTenThousandSteps() throws {
    let experiment = try exampleExperiment("mazur")
    let state = try ModelState(experiment)
    var initial = state.tensors
    for parameter in experiment.network.parameters {
      // The float32 of 0.15 is not 0.15.
      let numbers = (initial[parameter.name]?.elements ?? []).map { (100 * $0).rounded() / 100 }
      initial[parameter.name] = Tensor(parameter.shape, numbers)
    }
    var exact = ReferenceTraining(
      experiment.network, experiment.configuration.optimizers[0], from: initial)
    let (samples, targets) = (Tensor([1, 2], [0.05, 0.1]), Tensor([1, 2], [0.01, 0.99]))
    for _ in 0..<10_000 { try exact.step(samples, targets) }
    let loss = try exact.evaluate(samples, targets).loss
    #expect(isClose(loss, 3.510187783e-05, relative: 1e-9))

    try withTrainer(experiment) { trainer in
      try trainer.train(to: 10_000)
      let report = try trainer.step(experiment.sampler.first)
      // In float32 numpy comes to 3.510157e-05.
      #expect(isClose(report.loss, 3.510157e-05, relative: 3e-5), "\(report.loss)")
    }
  }

  @Test func mazurInTheDocumentation() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../docs/explain.md").standardized
    let page = try String(contentsOf: file, encoding: .utf8)
    let text = try exampleExperiment("mazur").explanation(ofSample: 0).text
    #expect(page.contains(text.map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n")))
  }

  // MARK: Others

  @Test func lectureIsAsItWasChecked() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../References/lecture.txt").standardized
    let text = try exampleExperiment("lecture").explanation(ofSample: 0).text
    #expect(try text.joined(separator: "\n") + "\n" == String(contentsOf: file, encoding: .utf8))
  }

  @Test(arguments: ["lecture", "mazur", "mlp", "conv", "rnn-tiny", "lstm-tiny", "mamba-tiny"])
  func dollarsComeInPairs(_ name: String) throws {
    let explanation = try exampleExperiment(name).explanation(ofSample: 0)
    #expect(explanation.markdown.count > explanation.text.count)
    for line in explanation.markdown {
      #expect(line.count { $0 == "$" }.isMultiple(of: 2), "\(line)")
      #expect(line.count { $0 == "{" } == line.count { $0 == "}" }, "\(line)")
    }
  }

  /// A step of a run, on the sample alone, makes of the weights what the explanation says.
  @Test(arguments: [
    "{sgd: 0.1}", "{sgd: {learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.1}}",
    "adam", "{adamw: {weight_decay: 0.1}}", "rmsprop", "adagrad", "{adam: {amsgrad: true}}",
  ])
  func theUpdateIsThatOfTheRun(_ optimizer: String) throws {
    let text = """
      name: one
      data: {dataset: table, samples: [[0.3, -1.2, 0.7]], targets: [[0.2, 0.8]], batch: 1}
      model: [{dense: 4}, tanh, {dense: 2}]
      loss: mse
      optimizer: \(optimizer)
      penalty: {l2: 0.01}
      clip: {norm: 0.2}
      """
    let experiment = try Experiment(RunConfiguration(text: text, source: "one.yaml"))
    let explanation = try experiment.explanation(ofSample: 0)
    let updates = explanation.sections.first { $0.title == "update" }?.entries ?? []
    try withTrainer(experiment) { trainer in
      try trainer.train(to: 1)
      for (name, tensor) in trainer.state.tensors {
        let entry = try #require(updates.last { $0.tensor == name })
        #expect(entry.symbol == .name(name + "'"))
        guard case .elements(let elements) = entry.content else { continue }
        for (element, weight) in zip(elements, tensor.elements) {
          guard case .number(let told)? = element.equals.last else { continue }
          #expect(isClose(told, weight, relative: 1e-5, absolute: 1e-6), "\(name)")
        }
      }
    }
    #expect(explanation.text.contains { $0.hasPrefix("  w' = ") })
  }

  @Test func dropoutAndItsRandomNumbers() throws {
    let text = try Sample().experiment().explanation(ofSample: 2).text
    #expect(
      text.contains { $0.hasPrefix("  dropout1.random, ") || $0.hasPrefix("  dropout1.random[") })
    #expect(text.contains { $0.hasPrefix("  dropout1 = ") })
  }

  // MARK: What was asked for

  @Test func tensorsAreToldAlone() throws {
    let experiment = try Sample().experiment()
    let all = try experiment.explanation(ofSample: 0)
    #expect(all.text.contains { $0.hasPrefix("  dense1/weight, shape [24, 784], ") })
    let only = try experiment.explanation(ofSample: 0, tensor: "dense2/bias")
    #expect(only.sections.flatMap(\.entries).allSatisfy { $0.tensor == "dense2/bias" })
    #expect(only.sections.map(\.title) == ["given", "back through dense2", "update"])
    let pixels = try experiment.explanation(ofSample: 0, tensor: "samples").text
    #expect(pixels.count { $0.hasPrefix("  samples[") } == 784)
  }

  @Test func whatIsNotThereIsRefused() throws {
    let experiment = try exampleExperiment("mazur")
    #expect(
      refusal(experiment, tensor: "hiden/weight")
        == Failure(.usage, "there is no tensor 'hiden/weight' (did you mean 'hidden/weight'?)"))
    #expect(
      refusal(experiment, sample: 1)
        == Failure(
          .usage, "option '--sample': the training set has the samples 0 to 0, found 1"))
  }
}
