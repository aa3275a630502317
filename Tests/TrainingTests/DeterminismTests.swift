import Datasets
import Execution
import Testing
import Training

/// The same bits, whoever computes them.
@Suite struct DeterminismTests {
  /// Epochs of 150 samples: batches of 48 leave 6 for the last one, batches of 40 leave 30.
  @Test(arguments: [
    sampleText(), sampleText(optimizer: "{sgd: {momentum: 0.9}}"),
    sampleText(batch: 40, shards: 16, model: convWithDropout),
    sampleText(batch: 48, shards: 32, samples: 49, model: convWithDropout),
    sampleText(batch: 12, shards: 4, engine: "reference", samples: 30, train: "{steps: 6}"),
  ])
  func workersDoNotChangeBits(_ text: String) throws {
    let experiment = try experiment(text)
    let steps = experiment.configuration.schedule.steps(perEpoch: 1)
    let ends = try (1...5).map { workers in
      try withTrainer(experiment, workers: workers) { trainer in
        #expect(trainer.pool.count == min(workers, experiment.configuration.layout.shards))
        let start = StateBits(trainer.state)
        try trainer.train(to: steps)
        #expect(StateBits(trainer.state).weights != start.weights)
        return StateBits(trainer.state)
      }
    }
    #expect(ends.allSatisfy { $0 == ends[0] })
  }

  @Test func reportsAreTheSameAtAnyNumberOfWorkers() throws {
    let experiment = try experiment(sampleText())
    let reports = try (1...3).map { workers in
      try withTrainer(experiment, workers: workers) { trainer in
        var sampler = experiment.sampler
        let steps = try (0..<8).map { step in
          let report = try trainer.step(sampler.batch(atStep: step))
          return "\(report.loss) \(report.correct) \(report.samples) \(report.gradientNorm)"
        }
        return steps + ["\(String(describing: try trainer.validate()))"]
      }
    }
    #expect(reports[1] == reports[0] && reports[2] == reports[0])
  }

  @Test func seedsAndShardsChangeBits() throws {
    let texts = [
      sampleText(), sampleText(seed: 2), sampleText(seed: .max), sampleText(shards: 4),
    ]
    let ends = try texts.map { text in
      try withTrainer(experiment(text)) { trainer in
        try trainer.train(to: 5)
        return StateBits(trainer.state)
      }
    }
    for i in ends.indices {
      for j in ends.indices.dropFirst(i + 1) { #expect(ends[i].weights != ends[j].weights) }
    }
  }

  /// Dropout draws by step: going through the same samples again gives another gradient.
  @Test func dropoutDrawsAnewEachStep() throws {
    let text = sampleText(optimizer: "{sgd: 1e-30}")
    try withTrainer(experiment(text)) { trainer in
      var sampler = trainer.experiment.sampler
      let batch = sampler.batch(atStep: 0)
      let norms = try (0..<2).map { _ in try trainer.step(batch).gradientNorm }
      #expect(norms[0] != norms[1])
    }
  }
}
