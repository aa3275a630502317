internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
package import Reports

/// What a network looks like before it runs, for people and for programs.
package struct Overview {
  private let experiment: Experiment

  package init(_ experiment: Experiment) { self.experiment = experiment }

  /// One line: what is learnt from what.
  package var headline: String {
    let data = experiment.data.training
    let sampler = experiment.sampler
    let schedule = experiment.configuration.schedule
    let steps = schedule.steps(perEpoch: sampler.stepsPerEpoch)
    let width = experiment.network.labels.width
    return "\(experiment.configuration.name): \(data.count.grouped) "
      + "\(data.count == 1 ? "sample" : "samples") of \(Shape(data.shape).text) "
      + "\(hasClasses ? "in \(width) classes" : "with \(width) targets"), batches of \(sampler.batch), "
      + "\(steps.grouped) steps (\(sampler.stepsPerEpoch.grouped) an epoch)"
  }

  private var hasClasses: Bool {
    if case .classes = experiment.network.labels { true } else { false }
  }

  /// A row for each layer, and the sum.
  package var layers: Table {
    var table = Table([
      .left("layer"), .left("output"), .right("parameters"), .right("MFLOP a sample"),
    ])
    for layer in experiment.network.layers {
      table.add([
        layer.name, layer.output.text, layer.parameters.grouped,
        (Double(layer.flops) / 1e6).formatted(3),
      ])
    }
    table.addRule()
    table.add([
      "all", "", experiment.network.parameterCount.grouped,
      (Double(experiment.network.flops) / 1e6).formatted(3),
    ])
    return table
  }

  package var json: JSONValue {
    .object([
      ("name", .string(experiment.configuration.name)),
      ("training_samples", .integer(experiment.data.training.count)),
      ("test_samples", .integer(experiment.data.test.count)),
      ("sample_shape", .array(experiment.data.training.shape.map { .integer($0) })),
      (hasClasses ? "classes" : "targets", .integer(experiment.network.labels.width)),
      ("batch", .integer(experiment.configuration.layout.batch)),
      ("shards", .integer(experiment.configuration.layout.shards)),
      ("steps_per_epoch", .integer(experiment.sampler.stepsPerEpoch)),
      ("parameters", .integer(experiment.network.parameterCount)),
      ("flops_per_sample", .integer(experiment.network.flops)),
      (
        "layers",
        .array(
          experiment.network.layers.map { layer in
            .object([
              ("name", .string(layer.name)),
              ("output", .array(layer.output.extents.map { .integer($0) })),
              ("parameters", .integer(layer.parameters)),
              ("flops", .integer(layer.flops)),
            ])
          })
      ),
    ])
  }
}
