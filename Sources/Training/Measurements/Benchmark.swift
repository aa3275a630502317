package import Reports

/// The cost of a training step, measured on real steps of training.
package struct Benchmark: Sendable {
  package let steps: Int
  /// The samples of a step on all ranks together.
  package let samples: Int
  package let medianSeconds: Double
  package let minSeconds: Double
  /// The floating-point operations of a step on all ranks together.
  package let flops: Int
  /// The peak floating-point operations per second of all workers of all ranks.
  package let peak: Double
  /// The peak resident memory of this process.
  package let peakBytes: Int
  /// The allocations of all steps on this rank; nil if they were not counted.
  package let allocations: Allocations?
  /// The times of the parts of other steps, which were recorded.
  package let profile: StepProfile

  package var samplesPerSecond: Double { Double(samples) / medianSeconds }
  package var gflops: Double { Double(flops) / medianSeconds / 1e9 }
  package var peakShare: Double { Double(flops) / medianSeconds / peak }

  package var allocationsPerStep: Double? { perStep(allocations?.own) }
  package var libraryAllocationsPerStep: Double? { perStep(allocations?.library) }

  private func perStep(_ count: Int?) -> Double? { count.map { Double($0) / Double(steps) } }

  package var json: JSONValue {
    .object([
      ("median_ms", .number(1000 * medianSeconds)),
      ("min_ms", .number(1000 * minSeconds)),
      ("samples_per_second", .number(samplesPerSecond)),
      ("gflops", .number(gflops)),
      ("peak_share", .number(peakShare)),
      ("peak_bytes", .integer(peakBytes)),
      ("allocations_per_step", .number(allocationsPerStep)),
      ("library_allocations_per_step", .number(libraryAllocationsPerStep)),
      ("communication_ms", .number(1000 * profile.communicating)),
      ("communication_share", .number(profile.communicating / profile.seconds)),
      ("operations", profile.json),
    ])
  }
}
