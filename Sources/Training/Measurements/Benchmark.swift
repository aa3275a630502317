package import Reports

/// What a training step costs, measured on the very steps of a run.
package struct Benchmark: Sendable {
  package let steps: Int
  /// Samples of a step, over all ranks.
  package let samples: Int
  package let medianSeconds: Double
  package let minSeconds: Double
  /// Floating-point operations of a step, over all ranks.
  package let flops: Int
  /// Floating-point operations a second that the workers of all ranks could do at most.
  package let peak: Double
  /// The most memory that this process has held.
  package let peakBytes: Int
  /// Of all steps on this rank; nil where they were not counted.
  package let allocations: Allocations?
  /// Where the time of other steps went, which were timed piece by piece.
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
