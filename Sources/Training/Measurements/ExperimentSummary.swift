package import Charts
internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
package import Reports

/// The summary of an experiment: its networks, dataset and resources, as text and as JSON.
package struct ExperimentSummary {
  private let compiled: CompiledExperiment

  package init(_ compiled: CompiledExperiment) { self.compiled = compiled }

  /// One line about dataset, targets, batches and steps.
  package var headline: String {
    let data = compiled.data.training
    let perEpoch = compiled.batches.stepsPerEpoch
    let steps = compiled.configuration.schedule.steps(perEpoch: perEpoch)
    let samples = "\(data.count.grouped) \(data.count == 1 ? "sample" : "samples")"
    return "\(compiled.configuration.name): \(samples) of \(Shape(data.shape).text) \(targets), "
      + "batches of \(compiled.configuration.layout.batch), \(steps.grouped) steps "
      + "(\(perEpoch.grouped) an epoch)"
  }

  /// A line for each set with the number of its samples, and of those of each class.
  package var sets: [String] {
    compiled.data.sets.map { name, set in
      "\(name): \(set.count.grouped)\(set.classCounts.map { " \($0.text())" } ?? "")"
    }
  }

  private var setsJSON: JSONValue {
    let data = compiled.data
    let sets = [
      ("training", data.training), ("validation", data.validation),
      ("test", data.hasTestSet ? data.test : nil),
    ]
    return .object(
      sets.compactMap { name, set in
        set.map { set in
          let classes = set.classCounts.map { classes in
            JSONValue.object(zip(classes.names, classes.counts).map { ($0, .integer($1)) })
          }
          let members = [("samples", .integer(set.count)), ("classes", classes)]
          return (name, .object(members.compactMap { name, value in value.map { (name, $0) } }))
        }
      })
  }

  /// The targets of a sample.
  private var targets: String {
    guard !compiled.configuration.isAdversarial else {
      return
        "to be generated from \(noise) random numbers, \(compiled.cycle.lengths[0]) steps of the "
        + "critic and 1 of the generator in turn"
    }
    let outputs = compiled.network.outputs
    guard outputs.count > 1 else { return text(of: outputs[0]) }
    return "with \(outputs.count) outputs: "
      + outputs.map { "\($0.name) \(text(of: $0))" }.joined(separator: ", ")
  }

  /// The targets of an output.
  private func text(of output: NetworkOutput) -> String {
    let targets = output.targets
    if let field = output.output.target, targets.classes == nil {
      return field == "samples" ? "to be reconstructed" : "with '\(field)' of \(targets.shape.text)"
    }
    guard let classes = targets.classes else {
      return "with \(targets.shape.rank > 1 ? "a map of " : "")\(targets.shape.text) "
        + (targets.shape.count == 1 ? "target" : "targets")
    }
    return "in \(classes) classes"
      + (targets.shape.rank > 0 ? " at \(targets.shape.text) places" : "")
  }

  private var noise: Int { compiled.adversaries?.settings.noiseSize ?? 0 }

  /// The layers of each network, with the network's name if there are two.
  private var networks: [NamedNetwork] {
    NamedNetwork.all(compiled.layers, isAdversarial: compiled.configuration.isAdversarial)
  }

  /// A row for each layer, and the sum; with the inputs where a network is no plain list, and with
  /// the numbers of trained and frozen parameters where some are frozen.
  package var layers: Table {
    let isPlain = networks.allSatisfy { $0.layers.isPlainList }
    let frozen = frozen
    func row(
      _ name: String, _ inputs: [String], _ output: String, _ counts: [Int], _ flops: Int
    ) -> [String] {
      [name] + (isPlain ? [] : [inputs.joined(separator: ", ")]) + [output]
        + counts.map(\.grouped) + [(Double(flops) / 1e6).formatted(3)]
    }
    var table = Table(
      [.left("layer")] + (isPlain ? [] : [.left("input")]) + [.left("output")]
        + (frozen > 0 ? [.right("trained"), .right("frozen")] : [.right("parameters")])
        + [.right("MFLOP a sample")])
    for layer in compiled.layers {
      table.add(
        row(
          layer.name, layer.inputs, layer.output.text,
          [layer.parameters] + (frozen > 0 ? [layer.frozen] : []),
          layer.flops))
    }
    table.addRule()
    let trained = compiled.layers.reduce(0) { $0 + $1.parameters }
    table.add(row("all", [], "", frozen > 0 ? [trained, frozen] : [parameters], flops))
    return table
  }

  /// The lists that layers stand for, as a file could write them.
  package var writtenOut: [String] {
    compiled.layers.flatMap { layer in
      layer.writtenOut.map { text in
        ["\(layer.name) is short for"] + text.split(separator: "\n").map { "  \($0)" }
      } ?? []
    }
  }

  /// The layers as an SVG picture.
  package func svg(theme: Theme = .paper) -> String {
    NamedNetwork.svg(networks, title: compiled.configuration.name, theme: theme)
  }

  private var parameters: Int { compiled.layout.count }
  private var frozen: Int { compiled.layers.reduce(0) { $0 + $1.frozen } }
  private var flops: Int { compiled.layers.reduce(0) { $0 + $1.flops } }

  /// All of it, with the plan of a shard if there is one.
  package func json(_ resources: RunResources, _ plan: PlanSummary?) -> JSONValue {
    let memory = resources.memory
    return .object(
      members + [
        (
          "memory",
          .object([
            ("workers", .integer(resources.workers)), ("activations", .integer(memory.arenas)),
            ("gradients", .integer(memory.gradients)), ("state", .integer(memory.state)),
            ("engine", .integer(memory.packed)), ("snapshot", .integer(memory.snapshot)),
            ("tensorboard", .integer(memory.distributions)),
            ("total", .integer(memory.total)),
          ])
        )
      ] + (plan.map { [("plan", $0.json)] } ?? []))
  }

  private var members: [(String, JSONValue)] {
    [
      ("name", .string(compiled.configuration.name)),
      ("training_samples", .integer(compiled.data.training.count)),
      ("test_samples", .integer(compiled.data.test.count)),
      ("sets", setsJSON),
      ("sample_shape", .array(compiled.data.training.shape.map { .integer($0) })),
      compiled.configuration.isAdversarial
        ? ("noise", .integer(noise))
        : compiled.network.targets.classes.map { ("classes", .integer($0)) }
          ?? ("targets", .integer(compiled.network.targets.shape.count)),
      ("batch", .integer(compiled.configuration.layout.batch)),
      ("shards", .integer(compiled.configuration.layout.shards)),
      ("steps_per_epoch", .integer(compiled.batches.stepsPerEpoch)),
      ("parameters", .integer(parameters)),
      ("flops_per_sample", .integer(flops)),
      ("frozen", .integer(frozen)),
      (
        "layers",
        .array(
          compiled.layers.map { layer in
            .object([
              ("name", .string(layer.name)),
              ("inputs", .array(layer.inputs.map { .string($0) })),
              ("output", .array(layer.output.extents.map { .integer($0) })),
              ("parameters", .integer(layer.parameters)),
              ("flops", .integer(layer.flops)),
              ("frozen", .integer(layer.frozen)),
            ])
          })
      ),
    ]
  }
}
