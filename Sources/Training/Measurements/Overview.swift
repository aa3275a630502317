internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
package import Reports

/// The summary of an experiment: its networks, dataset and resources, as text and as JSON.
package struct Overview {
  private let design: Design

  package init(_ design: Design) { self.design = design }

  /// One line about dataset, targets, batches and steps.
  package var headline: String {
    let data = design.data.training
    let perEpoch = design.course.stepsPerEpoch
    let steps = design.configuration.schedule.steps(perEpoch: perEpoch)
    let samples = "\(data.count.grouped) \(data.count == 1 ? "sample" : "samples")"
    return "\(design.configuration.name): \(samples) of \(Shape(data.shape).text) \(targets), "
      + "batches of \(design.configuration.layout.batch), \(steps.grouped) steps "
      + "(\(perEpoch.grouped) an epoch)"
  }

  /// The targets of a sample.
  private var targets: String {
    guard !design.configuration.isAdversarial else {
      return "to be imitated by noise of \(noise), \(design.cycle.lengths[0]) steps of the critic "
        + "and 1 of the generator in turn"
    }
    let (network, targets) = (design.network, design.network.targets)
    if let field = network.targetField {
      return field == "samples" ? "to be returned" : "with '\(field)' of \(targets.shape.text)"
    }
    guard let classes = targets.classes else {
      return "with \(targets.shape.rank > 1 ? "a map of " : "")\(targets.shape.text) targets"
    }
    return "in \(classes) classes"
      + (targets.shape.rank > 0 ? " at \(targets.shape.text) places" : "")
  }

  private var noise: Int { design.adversaries?.settings.noiseSize ?? 0 }

  /// A row for each layer, and their sum.
  package var layers: Table {
    var table = Table([
      .left("layer"), .left("output"), .right("parameters"), .right("MFLOP a sample"),
    ])
    for layer in design.layers {
      table.add([
        layer.name, layer.output.text, layer.parameters.grouped,
        (Double(layer.flops) / 1e6).formatted(3),
      ])
    }
    table.addRule()
    table.add(["all", "", parameters.grouped, (Double(flops) / 1e6).formatted(3)])
    return table
  }

  private var parameters: Int { design.layout.count }
  private var flops: Int { design.layers.reduce(0) { $0 + $1.flops } }

  /// All of it, with the plan of a shard if there is one.
  package func json(_ resources: RunResources, _ plan: PlanReport?) -> JSONValue {
    let memory = resources.memory
    return .object(
      members + [
        (
          "memory",
          .object([
            ("workers", .integer(resources.workers)), ("activations", .integer(memory.arenas)),
            ("gradients", .integer(memory.gradients)), ("state", .integer(memory.state)),
            ("engine", .integer(memory.packed)), ("snapshot", .integer(memory.snapshot)),
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
      design.configuration.isAdversarial
        ? ("noise", .integer(noise))
        : design.network.targets.classes.map { ("classes", .integer($0)) }
          ?? ("targets", .integer(design.network.targets.shape.count)),
      ("batch", .integer(design.configuration.layout.batch)),
      ("shards", .integer(design.configuration.layout.shards)),
      ("steps_per_epoch", .integer(design.course.stepsPerEpoch)),
      ("parameters", .integer(parameters)),
      ("flops_per_sample", .integer(flops)),
      (
        "layers",
        .array(
          design.layers.map { layer in
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
