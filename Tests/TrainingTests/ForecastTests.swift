import Communication
import Execution
import Reports
import Testing

import Training

/// What `summary` tells before anything is there is what a trainer takes.
@Suite struct ForecastTests {
  private static let samples = [
    Sample(), Sample(model: Sample.conv, optimizer: "{adam: {amsgrad: true}}"),
    Sample(samples: 96, optimizer: "sgd", train: "{steps: 3}"), Sample(engine: "reference"),
    Sample(samples: 100),
  ]

  @Test(arguments: samples, [1, 2, 3])
  func memoryIsThatOfATrainer(sample: Sample, workers: Int) throws {
    let forecast = try Forecast(
      Design(sample.configuration()), communicator: .start(), workers: workers)
    try withTrainer(sample.experiment(), workers: workers) { trainer in
      #expect(forecast.workers == trainer.pool.count)
      #expect(forecast.memory.arenas == trainer.memory.arenas)
      #expect(forecast.memory.gradients == trainer.memory.gradients)
      #expect(forecast.memory.state == trainer.memory.state)
      #expect(forecast.memory.packed == trainer.memory.packed)
      #expect(forecast.memory.total == trainer.memory.total)
    }
    #expect((forecast.plan == nil) == (sample.engine == "reference"))
  }

  @Test func thePlanIsThatOfAFullShard() throws {
    let design = try Design(Sample(model: Sample.conv).configuration())
    let forecast = try Forecast(design, communicator: .start(), workers: 1)
    let report = try #require(forecast.plan)
    #expect(report.samples == 6)
    #expect(report.instructions.lines.contains { $0.hasPrefix("conv2") })
    #expect(report.instructions.lines.contains { $0.contains("once a step: reorder conv2/weight") })
    #expect(report.blocks.lines.count == 2 + report.plan.blocks.count)
    let json = Overview(design).json(forecast, report).description
    #expect(json.contains(#""plan": {"samples": 6, "shards_at_once": 1, "arena_bytes": "#))
    #expect(json.contains(#""total": \#(forecast.memory.total)}"#))
  }
}
