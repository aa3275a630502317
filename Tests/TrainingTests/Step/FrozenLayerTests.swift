import Datasets
import Graphs
import Reports
import Testing
import TestSupport
import Training

/// Every layer that has parameters can keep them.
@Suite struct FrozenLayerTests {
  private func sample(_ freeze: (String) -> String) -> Sample {
    Sample(
      model: """
        [{conv: {filters: 3\(freeze("all"))}}, {batchnorm: {momentum: 0.5\(freeze("all"))}},
         {prelu: {slope: 0.3\(freeze("weight"))}}, {maxpool: 4}, flatten,
         {layernorm: {epsilon: 1e-4\(freeze("all"))}}, {dense: {units: 12, name: head}},
         {dense: {units: 10\(freeze("bias"))}}]
        """, optimizer: "{adamw: {weight_decay: 0.1}}",
      rules: "penalty: {l2: 0.1}", train: "{steps: 9, overfit_batches: 1}")
  }

  private var frozen: Sample { sample { ", freeze: \($0)" } }

  @Test func whatIsFrozenStays() throws {
    try withTrainer(frozen.experiment()) { trainer in
      let before = trainer.state.tensors
      try trainer.train(to: 4)
      let moved = trainer.state.tensors.filter { $0.value != before[$0.key] }.keys.sorted()
      #expect(moved == ["dense2/weight", "head/bias", "head/weight"])
      #expect(before.count == 13)
    }
  }

  /// With other first weights there would be nothing to compare.
  @Test func firstWeightsAreThoseOfTheFreeNetwork() throws {
    let free = try withTrainer(sample { _ in "" }.experiment()) { $0.state.tensors }
    let frozen = try withTrainer(frozen.experiment()) { $0.state.tensors }
    #expect(free == frozen)
  }

  /// A batch norm that is frozen does not look at the batch, in training as in evaluation.
  @Test func trainingNormalisesByTheRunningAverages() throws {
    var sample = frozen
    sample.rules = ""
    try withTrainer(sample.experiment()) { trainer in
      var tensors = trainer.state.tensors
      for (name, value) in [("running_mean", 0.2), ("running_var", 3)] {
        let old = try #require(tensors["batchnorm1/\(name)"])
        tensors["batchnorm1/\(name)"] = Tensor(old.shape, old.elements.map { _ in value })
      }
      trainer.state.weights(from: tensors)
      let evaluation = try #require(try trainer.validate())
      let report = try trainer.step(trainer.experiment.sampler.first)
      #expect(isClose(report.loss, evaluation.loss, relative: 1e-6))
    }
  }
}
