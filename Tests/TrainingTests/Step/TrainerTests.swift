import Datasets
import Diagnostics
import Execution
import Reports
import Testing
import Training

@Suite struct TrainerTests {
  /// The element of the weights to spoil, and what is said of the step.
  @Test(arguments: [
    (24 * 784 + 3, Float.nan, "the gradient of dense1/weight"),
    (24 * 784 + 24 + 5, .infinity, "the gradient of dense1/weight"),
  ])
  func stopsBeforeWeightsAreSpoilt(_ element: Int, _ value: Float, _ culprit: String) throws {
    try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 2)
      unsafe trainer.state.changeWeights { unsafe $0[element] = value }
      let before = StateBits(trainer.state)
      var sampler = trainer.experiment.sampler
      let failure = #expect(throws: Failure.self) {
        try trainer.step(sampler.batch(atStep: 2))
      }
      #expect(failure?.code == .notFinite)
      #expect(
        failure?.message
          == "step 3: \(culprit) is not finite; nothing was updated: try a lower learning rate")
      #expect(StateBits(trainer.state) == before)
    }
  }

  @Test func learnsTheDigits() throws {
    let sample = Sample(samples: 1000, model: "[flatten, {dense: 32}, relu, {dense: 10}]")
    try withTrainer(sample.experiment()) { trainer in
      let first = try #require(try trainer.validate())
      try trainer.train(to: 100)
      let last = try #require(try trainer.validate())
      #expect(last.loss < first.loss / 2 && last.sum(of: 1) > 2 * first.sum(of: 1), "\(last)")
    }
  }

  @Test func reportsTheBatch() throws {
    try withTrainer(Sample().experiment()) { trainer in
      var sampler = trainer.experiment.sampler
      let full = try trainer.step(sampler.batch(atStep: 0))
      #expect(full.metrics.samples == 48 && (0...48).contains(full.metrics.sum(of: 1)))
      #expect(full.loss > 0 && full.gradientNorm > 0 && full.requests == [])
      let short = try trainer.step(sampler.batch(atStep: 3), requests: .stop)
      #expect(short.metrics.samples == 6 && short.requests == .stop)
      #expect(trainer.state.step == 2)
    }
  }

  @Test func plansTellWhatIsComputed() throws {
    let listings = try [Sample(), Sample(seed: 2), Sample(batch: 40)].map { sample in
      try withTrainer(sample.experiment()) { trainer in
        #expect(trainer.memory.total > 4 * trainer.state.count)
        return trainer.listing
      }
    }
    #expect(!listings[0].isEmpty && listings[0] == listings[1] && listings[0] != listings[2])
  }

  @Test func moreWorkersThanShardsAreNotStarted() throws {
    try withTrainer(Sample(shards: 2).experiment(), workers: 7) { trainer in
      #expect(trainer.pool.count == 2)
    }
  }
}
