import Datasets
import Execution
import Reports
import Testing
import TestSupport
import Training

/// The same bits, whoever computes them.
@Suite struct DeterminismTests {
  /// Epochs of 150 samples: batches of 48 leave 6 for the last one, batches of 40 leave 30.
  @Test(arguments: [
    Sample(), Sample(optimizer: "{sgd: {momentum: 0.9}}"),
    Sample(shards: 16, batch: 40, model: Sample.conv),
    Sample(shards: 32, samples: 49, model: Sample.conv),
    Sample(
      model: """
        [{conv: {filters: 4, stride: 2, padding: [1, [0, 1]]}}, {concat: [[{conv: 2}, mish], []]},
         layernorm, prelu, instancenorm, {conv_transpose: {filters: 3, stride: 2}}, {upsample: [1, 2]},
         {avgpool: [4, 8]}, {reshape: 147}, {dense: 10}]
        """, train: "{steps: 4}"),
    Sample(engine: "reference", shards: 4, samples: 30, batch: 12, train: "{steps: 6}"),
  ])
  func workersDoNotChangeBits(_ sample: Sample) throws {
    let experiment = try sample.experiment()
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
    let experiment = try Sample().experiment()
    let reports = try (1...3).map { workers in
      try withTrainer(experiment, workers: workers) { trainer in
        var sampler = experiment.sampler
        let steps = try (0..<8).map { step in
          let report = try trainer.step(sampler.batch(atStep: step))
          return "\(report.loss) \(report.metrics) \(report.gradientNorm)"
        }
        return steps + ["\(String(describing: try trainer.validate()))"]
      }
    }
    #expect(reports[1] == reports[0] && reports[2] == reports[0])
  }

  @Test func seedsAndShardsChangeBits() throws {
    let samples = [Sample(), Sample(seed: 2), Sample(seed: .max), Sample(shards: 4)]
    let ends = try samples.map { sample in
      try withTrainer(sample.experiment()) { trainer in
        try trainer.train(to: 5)
        return StateBits(trainer.state)
      }
    }
    for i in ends.indices {
      for j in ends.indices.dropFirst(i + 1) { #expect(ends[i].weights != ends[j].weights) }
    }
  }

  /// Dropout draws by the place in the batch, whatever shard it is in.
  @Test func shardsDoNotChangeWhatIsDropped() throws {
    let losses = try [1, 4, 16].map { shards in
      try withTrainer(Sample(shards: shards, model: Sample.conv).experiment()) { trainer in
        var sampler = trainer.experiment.sampler
        return try trainer.step(sampler.batch(atStep: 0)).loss
      }
    }
    #expect(losses.allSatisfy { isClose($0, losses[0], relative: 1e-6) }, "\(losses)")
  }

  /// Dropout draws by step: going through the same samples again gives another gradient.
  @Test func dropoutDrawsAnewEachStep() throws {
    let sample = Sample(optimizer: "{sgd: 1e-30}")
    try withTrainer(sample.experiment()) { trainer in
      var sampler = trainer.experiment.sampler
      let batch = sampler.batch(atStep: 0)
      let norms = try (0..<2).map { _ in try trainer.step(batch).gradientNorm }
      #expect(norms[0] != norms[1])
    }
  }
}
