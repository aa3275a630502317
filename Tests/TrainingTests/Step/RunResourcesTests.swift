import Communication
import Execution
import Reports
import Testing

import Training

/// What `summary` prints before anything is there is what a trainer takes.
@Suite struct RunResourcesTests {
  private static let samples = [
    Sample(), Sample(model: Sample.conv, optimizer: "{adam: {amsgrad: true}}"),
    Sample(samples: 96, optimizer: "sgd", train: "{steps: 3}"), Sample(engine: "reference"),
    Sample(samples: 100),
  ]

  @Test(arguments: samples, [1, 2, 3])
  func memoryIsThatOfATrainer(sample: Sample, workers: Int) throws {
    let resources = try RunResources(
      CompiledExperiment(sample.configuration()), communicator: .start(), workers: workers)
    try withTrainer(sample.experiment(), workers: workers) { trainer in
      #expect(resources.workers == trainer.pool.count)
      #expect(resources.memory == trainer.memory)
      #expect(trainer.memory.state == trainer.state.byteCount)
    }
    #expect((resources.plan == nil) == (sample.engine == "reference"))
  }

  @Test func thePlanIsThatOfAFullShard() throws {
    let compiled = try CompiledExperiment(Sample(model: Sample.conv).configuration())
    let resources = try RunResources(compiled, communicator: .start(), workers: 1)
    let report = try #require(resources.plan)
    #expect(report.samples == 6)
    #expect(report.instructions.lines.contains { $0.hasPrefix("conv2") })
    #expect(report.instructions.lines.contains { $0.contains("once a step: reorder conv2/weight") })
    #expect(report.blocks.lines.count == 2 + report.plan.blocks.count)
    let json = ExperimentSummary(compiled).json(resources, report).description
    #expect(json.contains(#""plan": {"samples": 6, "shards_at_once": 1, "arena_bytes": "#))
    #expect(json.contains(#""total": \#(resources.memory.total)}"#))
  }
}
