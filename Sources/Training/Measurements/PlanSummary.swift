internal import Diagnostics
package import Execution
package import Reports

/// The plan of one shard, as text and as JSON.
package struct PlanSummary: Sendable {
  package let plan: PlanDescription
  package let samples: Int
  /// The most shards that a worker computes at once.
  package let shardsAtOnce: Int
  /// The arena for all of these.
  private let arenaByteCount: Int

  init(_ plan: PlanDescription, samples: Int, shardsAtOnce: Int, arenaByteCount: Int) {
    self.plan = plan
    self.samples = samples
    self.shardsAtOnce = shardsAtOnce
    self.arenaByteCount = arenaByteCount
  }

  /// The packing of weights, once for each step, and the instructions of a shard.
  package var instructions: Table {
    var table = Table([.left("layer"), .left("instruction"), .right("MFLOP")])
    for activity in plan.packings {
      table.add([activity.layer, "once a step: \(activity.name)", ""])
    }
    if !plan.packings.isEmpty { table.addRule() }
    for activity in plan.instructions {
      table.add([
        activity.layer, activity.name,
        activity.flops > 0 ? (Double(activity.flops) / 1e6).formatted(3) : "",
      ])
    }
    table.addRule()
    let flops = plan.instructions.reduce(0) { $0 + $1.flops }
    table.add(["all", "", (Double(flops) / 1e6).formatted(3)])
    return table
  }

  /// The blocks of a worker's arena and the instructions during which each is in use.
  package var blocks: Table {
    var table = Table([
      .right("offset"), .right("bytes"), .right("from"), .right("to"), .left("values"),
    ])
    for block in plan.blocks {
      table.add([
        block.offset.grouped, block.byteCount.grouped, "%\(block.first)", "%\(block.last)",
        block.contents,
      ])
    }
    return table
  }

  package var arena: String {
    let all =
      shardsAtOnce > 1 ? "\(arenaByteCount.asBytes) for \(shardsAtOnce) shards at once, each " : ""
    return "arena of a worker in training: \(all)\(plan.arenaByteCount.asBytes), of which at most "
      + "\(plan.peakByteCount.asBytes) are in use at one time; weights as the engine wants them, "
      + "shared by all workers: \(plan.packedByteCount.asBytes)"
  }

  package var json: JSONValue {
    func object(_ activity: Activity) -> JSONValue {
      .object([
        ("layer", activity.layer.isEmpty ? .null : .string(activity.layer)),
        ("kind", .string(activity.kind)), ("name", .string(activity.name)),
        ("flops", .integer(activity.flops)),
      ])
    }
    return .object([
      ("samples", .integer(samples)),
      ("shards_at_once", .integer(shardsAtOnce)),
      ("arena_bytes", .integer(plan.arenaByteCount)),
      ("peak_bytes", .integer(plan.peakByteCount)),
      ("shared_bytes", .integer(plan.packedByteCount)),
      ("once_a_step", .array(plan.packings.map(object))),
      ("instructions", .array(plan.instructions.map(object))),
      (
        "blocks",
        .array(
          plan.blocks.map {
            .object([
              ("offset", .integer($0.offset)), ("bytes", .integer($0.byteCount)),
              ("first", .integer($0.first)), ("last", .integer($0.last)),
              ("values", .string($0.contents)),
            ])
          })
      ),
    ])
  }
}
