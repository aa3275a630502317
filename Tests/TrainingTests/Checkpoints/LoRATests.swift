import Checkpoints
import Communication
import Graphs
import Reports
import TestSupport
import Testing
import Training

/// Fine-tuning the weights of another run by low-rank matrices.
@Suite struct LoRATests {
  private let directory: TemporaryDirectory
  private static let lora = "lora: {rank: 3, alpha: 6, layers: [dense1]}"

  init() throws { directory = try TemporaryDirectory() }

  private func begin(
    _ sample: Sample, from path: String, _ body: (Trainer) throws -> Void
  ) throws {
    var sample = sample
    sample.train = "{steps: 20, init_from: '\(path)'}"
    try withTrainer(sample.experiment()) { trainer in
      let initial = try #require(trainer.experiment.configuration.schedule.initialWeights)
      try usingHDF5 {
        try initial.load(into: trainer.state, of: trainer.experiment, .start())
      }
      try body(trainer)
    }
  }

  @Test func anotherRunIsFineTunedAndMerged() throws {
    let second = try TemporaryDirectory()
    let (path, tuned) = (directory.path, second.path)
    var loss = 0.0
    var before: [String: Tensor] = [:]
    try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 6)
      loss = try #require(try trainer.validate()).loss
      before = trainer.state.tensors
      try trainer.save(trainer.unluckyHistory, in: path)
    }
    try begin(Sample(seed: 7, rules: Self.lora), from: path) { trainer in
      #expect(try trainer.validate()?.loss == loss)
      try trainer.train(to: 6)
      for (name, tensor) in before { #expect(trainer.state.tensors[name] == tensor, "\(name)") }
      let trained: Int = 3 * (784 + 24)
      #expect(trainer.state.networks[0].trainedCount == trained)
      let better = try #require(try trainer.validate()).loss
      #expect(better < loss)
      loss = better
      try trainer.save(trainer.unluckyHistory, in: tuned)
    }
    var exports: [String] = []
    try usingHDF5 {
      let checkpoint = try Checkpoint(opening: CheckpointDirectory(tuned).file(ofStep: 6))
      for format in [ExportFormat.checkpoint, .h5, .smodel] {
        exports.append("\(tuned)/model.\(format.rawValue)")
        let written = try checkpoint.export(format, to: exports[exports.count - 1]).export
        let parameters: Int = 784 * 24 + 24 + 24 * 10 + 10
        #expect(written.tensors == 4 && written.parameters == parameters)
      }
      for file in exports[..<2] {
        #expect(!(try Checkpoint(opening: file).configuration.contains("lora")))
      }
    }
    // The run itself is merged when another one begins with it, be that with or without LoRA.
    for file in exports + [tuned] {
      for rules in ["", Self.lora] {
        try begin(Sample(seed: 8, rules: rules), from: file) { trainer in
          let merged = try #require(try trainer.validate()).loss
          #expect(isClose(merged, loss, relative: 1e-5), "\(file): \(merged), \(loss)")
          let weight = try #require(trainer.state.tensors["dense1/weight"]).elements
          #expect(weight != before["dense1/weight"]?.elements)
        }
      }
    }
  }
}
