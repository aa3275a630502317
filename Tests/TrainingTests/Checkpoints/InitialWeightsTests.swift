import Checkpoints
import Communication
import Diagnostics
import TestSupport
import Testing
import Training

/// Runs that begin with the weights of another.
@Suite struct InitialWeightsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The checkpoint of the sample after two steps, and its state.
  private func saved() throws -> (file: String, state: StateBits) {
    try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 2)
      try trainer.save(trainer.unluckyHistory, in: directory.path)
      let file = CheckpointDirectory(directory.path).file(ofStep: 2)
      return (file, StateBits(trainer.state))
    }
  }

  private func begin<Result>(
    _ path: String, except layers: String = "[]", model: String = Sample.mlp,
    _ body: (Trainer) throws -> Result
  ) throws -> Result {
    let train = "{steps: 9, init_from: {path: '\(path)', except: \(layers)}}"
    return try withTrainer(Sample(seed: 7, model: model, train: train).experiment()) { trainer in
      let initial = try #require(trainer.experiment.configuration.schedule.initialWeights)
      try usingHDF5 {
        try initial.load(into: trainer.state, of: trainer.experiment, .start())
      }
      return try body(trainer)
    }
  }

  @Test func weightsAreThoseOfTheOther() throws {
    let (file, state) = try saved()
    for path in [file, directory.path] {
      try begin(path) { trainer in
        let bits = StateBits(trainer.state)
        #expect(bits.weights == state.weights && bits.step == 0)
        #expect(bits.moments.joined().allSatisfy { $0 == 0 })
      }
    }
  }

  /// Another number of classes, and a layer that only the other has.
  @Test func layersMayBeLeftOut() throws {
    let (file, _) = try saved()
    let model = "[flatten, {dense: 24}, relu, {dropout: 0.3}, {dense: {units: 10, name: head}}]"
    let other = try withTrainer(Sample(seed: 7, model: model).experiment()) { $0.state.tensors }
    let old = try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 2)
      return trainer.state.tensors
    }
    try begin(file, except: "[head, dense2]", model: model) { trainer in
      let tensors = trainer.state.tensors
      #expect(tensors["dense1/weight"] == old["dense1/weight"])
      #expect(tensors["dense1/bias"] == old["dense1/bias"])
      #expect(tensors["head/weight"] == other["head/weight"])
    }
    let failure = #expect(throws: Failure.self) {
      try begin(file, except: "[head]", model: model) { _ in }
    }
    #expect(
      failure?.message == "'\(file)' is of another model: 'dense2/bias' is [10] there, "
        + "missing here")
  }

  @Test func refusesWhatDoesNotFit() throws {
    let (file, _) = try saved()
    let model = "[flatten, {dense: 20}, relu, {dense: 10}]"
    let shape = #expect(throws: Failure.self) { try begin(file, model: model) { _ in } }
    #expect(
      shape
        == Failure(
          .badData,
          "'\(file)' is of another model: 'dense1/weight' is [24, 784] there, [20, 784] here"))
    let name = #expect(throws: Failure.self) { try begin(file, except: "[dens2]") { _ in } }
    #expect(name?.code == .badConfiguration)
    #expect(name?.message.contains("no layer 'dens2', here or in") == true)
    #expect(name?.message.hasSuffix("(did you mean 'dense2'?)") == true)
    let missing = #expect(throws: Failure.self) { try begin("/none.h5") { _ in } }
    #expect(missing?.code == .noInput)
  }
}
