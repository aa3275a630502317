import Datasets
import Execution
import Graphs
import Kernels
import Networks
import Testing
import TestSupport
import Training

/// Loops that keep the state of some steps and compute the others again.
@Suite struct RememberTests {
  private static let steps = 11
  private static let engines = Engine.allCases.filter { $0 != .reference }

  /// Bytes of forward and backward cells over samples of different lengths.
  private func experiment(_ engine: Engine, remember count: Int?) throws -> Experiment {
    let memory = count.map { ", remember: \($0)" } ?? ""
    return try Experiment(
      RunConfiguration(
        text: """
          name: sample
          engine: \(engine.rawValue)
          shards: 4
          data: {dataset: tags, steps: \(Self.steps), train_samples: 40, test_samples: 8, batch: 16}
          model:
            - embedding: {entries: 13, size: 3}
            - lstm: {units: 5, direction: both, lengths: lengths, peepholes: true\(memory)}
            - gru: {units: 4, initial_state: learned, lengths: lengths\(memory)}
            - dense: 16
          loss: cross_entropy
          optimizer: {sgd: {learning_rate: 0.5, momentum: 0.9}}
          train: {steps: 6}
          """, source: "run.yaml"))
  }

  private struct End {
    var losses: [Double] = []
    let bits: StateBits
    let weights: [String: Tensor]
  }

  private func end(_ experiment: Experiment, workers: Int = 1) throws -> End {
    try withTrainer(experiment, workers: workers) { trainer in
      var sampler = experiment.sampler
      let losses = try (0..<6).map { try trainer.step(sampler.batch(atStep: $0)).loss }
      return End(
        losses: losses, bits: StateBits(trainer.state), weights: trainer.state.tensors)
    }
  }

  /// States are computed again with the same bits; only sums over steps, which give the gradients
  /// of weights, are added part by part.
  @Test(arguments: engines)
  func trainingIsTheSameButForTheOrderOfSums(_ engine: Engine) throws {
    let whole = try end(experiment(engine, remember: nil))
    #expect(whole.losses[5] != whole.losses[0])
    for count in [1, 3, 4, Self.steps - 1, Self.steps, 1000] {
      let experiment = try experiment(engine, remember: count)
      let some = try end(experiment)
      #expect(some.losses[0] == whole.losses[0], "\(count)")
      #expect((some.bits == whole.bits) == (count >= Self.steps), "\(count)")
      for (name, tensor) in some.weights {
        let difference = try tensor.difference(
          from: #require(whole.weights[name]), relative: 1e-4, absolute: 1e-5)
        #expect(difference == nil, "\(count): \(name)")
      }
      #expect(try end(experiment, workers: 3).bits == some.bits, "\(count)")
    }
  }

  /// Of 400 steps 20 states are kept, and all that 20 steps need.
  @Test(arguments: engines)
  func statesBetweenTakeNoMemory(_ engine: Engine) throws {
    NumericThread.prepare()
    let bytes = try ["", ", remember: 20"].map { memory in
      let configuration = try RunConfiguration(
        text: """
          name: sample
          data: {dataset: adding, steps: 400}
          model: [{lstm: {units: 16, output: last\(memory)}}, {dense: 1}]
          loss: mse
          optimizer: sgd
          """, source: "run.yaml")
      let network = try Network(configuration.settings, sample: [400, 2], targets: .values([1]))
      let layout = network.parameters.layout
      let weights = try Arena(byteCount: 4 * layout.count)
      let vector = unsafe ParameterVector(
        start: weights.start.bindMemory(to: Float.self, capacity: layout.count), layout: layout)
      return try engine.prepare(network.trainingProgram(samples: 8), parameters: vector)
        .arenaByteCount
    }
    #expect(8 * bytes[1] < bytes[0], "\(bytes)")
  }
}
