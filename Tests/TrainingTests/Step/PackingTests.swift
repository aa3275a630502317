import Execution
import Testing
import Training

/// When a run packs its weights, and how many copies it has.
@Suite struct PackingTests {
  /// The layers whose weights steps pack while a body runs.
  private func packed(by trainer: Trainer, _ body: () throws -> Void) rethrows -> [String] {
    let recording = Recording(workers: trainer.pool.count)
    trainer.record(recording)
    defer { trainer.record(nil) }
    try body()
    return recording.packing.flatMap(\.entries).map(\.activity.layer)
  }

  @Test(arguments: Engine.allCases.filter { $0 != .reference })
  func onlyChangedWeightsArePacked(_ engine: Engine) throws {
    let sample = Sample(
      engine: engine.rawValue, samples: 100,
      model: """
        [{conv: 4}, relu, {conv: {filters: 6, freeze: all}}, relu, {maxpool: 4}, {conv: 6}, flatten, \
        {dense: 10}]
        """)
    try withTrainer(sample.experiment()) { trainer in
      let first = try packed(by: trainer) { try trainer.train(to: 1) }
      #expect(first.isEmpty, "the fingerprint was computed with the same weights")
      let steps = try packed(by: trainer) { try trainer.train(to: 5) }
      #expect(!steps.contains("conv2"), "it is frozen")
      #expect(steps.contains("conv3") && steps.count.isMultiple(of: 4))
      _ = try trainer.validate()
      let next = try packed(by: trainer) { try trainer.train(to: 6) }
      #expect(next.count < steps.count / 4, "the validation has packed some")
      trainer.state.weights(from: [:])
      let all = try packed(by: trainer) { try trainer.train(to: 7) }
      #expect(all.contains("conv2"), "anything may have been written")
    }
  }

  /// A shorter last batch and a validation have programs of their own, which read the same copy.
  @Test func programsShareTheirWeights() throws {
    let alone = Sample(samples: 96, data: "validation: none")
    let several = Sample(samples: 100)
    let bytes = try [alone, several].map { sample in
      try withTrainer(sample.experiment()) { $0.memory.packed }
    }
    #expect(bytes[0] == bytes[1])
    #expect((bytes[0] > 0) == (Engine.standard != .openblas))
  }
}
