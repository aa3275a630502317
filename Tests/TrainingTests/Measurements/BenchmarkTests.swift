import Communication
import Reports
import Testing

import Training

@Suite struct BenchmarkTests {
  /// Two steps an epoch, of which one is full; one hidden layer.
  private static let sample = Sample(
    samples: 70, model: "[flatten, {dense: 24}, relu, {dense: 10}]")

  private func measure(_ sample: Sample = sample, steps: Int?) throws -> (Benchmark, taken: Int) {
    try withTrainer(sample.experiment()) { trainer in
      let benchmark = try Benchmark(trainer, communicator: .start(), steps: steps)
      return (benchmark, trainer.state.step)
    }
  }

  @Test func figuresFitEachOther() throws {
    let (benchmark, taken) = try measure(steps: 40)
    #expect(benchmark.steps == 40)
    #expect(taken > 40, "there is a warm-up, and steps are those of training")
    #expect(benchmark.samples == 48, "short batches are left out")
    #expect(0 < benchmark.minSeconds && benchmark.minSeconds <= benchmark.medianSeconds)
    #expect(benchmark.samplesPerSecond == 48 / benchmark.medianSeconds)
    #expect(benchmark.gflops == Double(benchmark.flops) / benchmark.medianSeconds / 1e9)
    #expect(
      benchmark.peakShare == Double(benchmark.flops) / benchmark.medianSeconds / benchmark.peak)
    #expect(0 < benchmark.peakShare && benchmark.peakShare < 1)
    #expect(benchmark.peakBytes > 4 * 24 * 784)
  }

  /// The products of the dense layers are most of what a step computes.
  @Test func operationsAreCounted() throws {
    let (benchmark, _) = try measure(steps: 1)
    // Output and weight gradient of both layers, input gradient of the second.
    let products = 2 * 48 * (2 * 784 * 24 + 3 * 24 * 10)
    let others = Double(benchmark.flops - products) / Double(products)
    #expect(others > 0 && others < 0.1, "\(benchmark.flops), of which \(products)")
  }

  @Test func stepsAreEnoughForTheClock() throws {
    let (benchmark, _) = try measure(steps: nil)
    #expect(benchmark.steps >= 30)
  }

  @Test func jsonHasItsFieldsInOrder() throws {
    let (benchmark, _) = try measure(steps: 1)
    guard case .object(let members) = benchmark.json else {
      Issue.record("not an object")
      return
    }
    #expect(
      members.map(\.0) == [
        "median_ms", "min_ms", "samples_per_second", "gflops", "peak_share", "peak_bytes",
        "allocations_per_step", "library_allocations_per_step", "communication_ms",
        "communication_share", "operations",
      ])
  }
}
