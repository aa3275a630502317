internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
package import Reports

/// What a network looks like before it runs, for people and for programs.
package struct Overview {
  private let design: Design

  package init(_ design: Design) { self.design = design }

  /// One line: what is learnt from what.
  package var headline: String {
    let data = design.data.training
    let sampler = design.sampler
    let schedule = design.configuration.schedule
    let steps = schedule.steps(perEpoch: sampler.stepsPerEpoch)
    let width = design.network.labels.width
    return "\(design.configuration.name): \(data.count.grouped) "
      + "\(data.count == 1 ? "sample" : "samples") of \(Shape(data.shape).text) "
      + "\(hasClasses ? "in \(width) classes" : "with \(width) targets"), batches of \(sampler.batch), "
      + "\(steps.grouped) steps (\(sampler.stepsPerEpoch.grouped) an epoch)"
  }

  private var hasClasses: Bool {
    if case .classes = design.network.labels { true } else { false }
  }

  /// A row for each layer, and the sum.
  package var layers: Table {
    var table = Table([
      .left("layer"), .left("output"), .right("parameters"), .right("MFLOP a sample"),
    ])
    for layer in design.network.layers {
      table.add([
        layer.name, layer.output.text, layer.parameters.grouped,
        (Double(layer.flops) / 1e6).formatted(3),
      ])
    }
    table.addRule()
    table.add([
      "all", "", design.network.parameterCount.grouped,
      (Double(design.network.flops) / 1e6).formatted(3),
    ])
    return table
  }

  /// With the plan of a shard, if one is given.
  package func json(_ forecast: Forecast, _ plan: PlanReport?) -> JSONValue {
    let memory = forecast.memory
    return .object(
      members + [
        (
          "memory",
          .object([
            ("workers", .integer(forecast.workers)), ("activations", .integer(memory.arenas)),
            ("gradients", .integer(memory.gradients)), ("state", .integer(memory.state)),
            ("engine", .integer(memory.shared)), ("snapshot", .integer(memory.snapshot)),
            ("total", .integer(memory.total)),
          ])
        )
      ] + (plan.map { [("plan", $0.json)] } ?? []))
  }

  private var members: [(String, JSONValue)] {
    [
      ("name", .string(design.configuration.name)),
      ("training_samples", .integer(design.data.training.count)),
      ("test_samples", .integer(design.data.test.count)),
      ("sample_shape", .array(design.data.training.shape.map { .integer($0) })),
      (hasClasses ? "classes" : "targets", .integer(design.network.labels.width)),
      ("batch", .integer(design.configuration.layout.batch)),
      ("shards", .integer(design.configuration.layout.shards)),
      ("steps_per_epoch", .integer(design.sampler.stepsPerEpoch)),
      ("parameters", .integer(design.network.parameterCount)),
      ("flops_per_sample", .integer(design.network.flops)),
      (
        "layers",
        .array(
          design.network.layers.map { layer in
            .object([
              ("name", .string(layer.name)),
              ("output", .array(layer.output.extents.map { .integer($0) })),
              ("parameters", .integer(layer.parameters)),
              ("flops", .integer(layer.flops)),
            ])
          })
      ),
    ]
  }
}
